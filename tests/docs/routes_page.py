"""Every route, from the document that the server gives of itself."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.testclient import TestClient

from trinax.app import build
from trinax.settings import Settings

HEAD = """\
# Routes

Every route, from the declarations that check the requests. `GET /openapi.json` of a running server
has each of them with all fields, answers and failures: [the HTTP API](../guide/http-api.md). One
with a scope needs an API key that has it, the admin token, or a place that may do without:
[access](../guide/access.md).
"""


def routes_page() -> str:
    described = _document()
    parts = [HEAD]
    for tag in described["tags"]:
        rows = list(_rows(described["paths"], tag["name"]))
        table = "| route | scope | what it does |\n|---|---|---|\n" + "\n".join(rows)
        parts.append(
            f"## {tag['description'].strip().partition(chr(10))[0].rstrip('.')}\n\n{table}\n"
        )
    return "\n".join(parts)


def _rows(paths: dict[str, Any], tag: str) -> Iterator[str]:
    for path, item in paths.items():
        for method, operation in item.items():
            if tag in operation.get("tags", ()):
                route = f"{method.upper()} {path}"
                yield f"| `{route}` | {_scope(operation)} | {operation['summary']} |"


def _scope(operation: dict[str, Any]) -> str:
    ways = operation.get("security", ())
    return ", ".join(sorted({scope for way in ways for scopes in way.values() for scope in scopes}))


def _document() -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        (Path(folder) / "collections").mkdir()
        with TestClient(build(Settings(base=Path(folder))), "http://127.0.0.1") as http:
            described: dict[str, Any] = http.get("/openapi.json").json()
            return described
