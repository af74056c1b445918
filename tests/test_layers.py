import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "trinax"

# The street, in walking order: each sees only those before it.
STREET = (
    "errors",
    "schema",
    "conversion",
    "settings",
    "configuration",
    "llama",
    "documents",
    "embedding",
    "index",
    "ingest",
    "retrieval",
    "websearch",
    "models",
    "answering",
    "access",
    "backup",
    "playground",
    "web",
    "app",
    "evaluation",
    "cli",
)
# What stands before a package and is still not for it.
FORBIDDEN = {
    "retrieval": {"ingest"},
    "websearch": {"llama", "ingest"},
    "models": {"ingest", "retrieval", "websearch"},
    "answering": {"ingest"},
    "access": {
        *("documents", "embedding", "index", "ingest", "retrieval", "websearch"),
        *("models", "answering"),
    },
}
SYNC = {
    "errors",
    "schema",
    "conversion",
    "settings",
    "configuration",
    "llama",
    "documents",
    "embedding",
    "index",
    "access",
    "backup",
    "playground",
}
FREE_LIBRARIES = {"numpy", "anyio"}
# Web is Starlette throughout, and its declarations are pydantic's; commands are click's.
LIBRARIES_OF_MANY_FILES = {
    "cli": {"click"},
    "web": {"starlette", "pydantic", "typing_extensions"},
    "app": {"starlette"},
}
# The package itself tells NumPy how many threads to take, before anything imports it.
READERS_OF_THE_ENVIRONMENT = {"configuration.py", "__init__.py"}
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "misc"}
# Concrete parts behind a port, and who may name them outside their own package.
ADAPTERS = {
    "EdgeStore",
    "ClusterStore",
    "ClusterReader",
    "StaticEmbedder",
    "LlamaEmbedder",
    "CachedEmbedder",
    "LlamaGenerator",
    "LlamaRanker",
    "TextRanker",
    "ExtractiveGenerator",
    "UpstreamGenerator",
    "SearxngProvider",
    "BraveProvider",
    "DdgsProvider",
}
NAMERS = {"app.py", "evaluation/builtin.py"}


@dataclass(frozen=True, slots=True)
class Module:
    """path: below trinax/, with "/" between parts."""

    path: str
    tree: ast.Module

    @property
    def package(self) -> str:
        return self.path.split("/")[0].removesuffix(".py")


def module(path: str, source: str) -> Module:
    return Module(path, ast.parse(source))


def imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Every import as (module, name or ""), those inside functions included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the street"
            yield from ((node.module or "", alias.name) for alias in node.names)


def against_the_street(modules: list[Module]) -> list[str]:
    found = []
    for each in modules:
        if each.package not in STREET:
            if each.package not in ("__init__", "__main__"):
                found.append(f"{each.path} is not on the street")
            continue
        allowed = {*STREET[: STREET.index(each.package) + 1]} - FORBIDDEN.get(each.package, set())
        for name, imported in imports(each.tree):
            parts = name.split(".")
            if parts[0] != "trinax":
                continue
            target = parts[1] if len(parts) > 1 else imported
            if target in STREET and target not in allowed:
                found.append(f"{each.path} imports {target}")
    return found


def scattered_libraries(modules: list[Module]) -> list[str]:
    files: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for each in modules:
        for name, _ in imports(each.tree):
            library = name.split(".")[0]
            free = {"trinax", *FREE_LIBRARIES, *LIBRARIES_OF_MANY_FILES.get(each.package, ())}
            if library not in sys.stdlib_module_names and library not in free:
                files[each.package, library].add(each.path)
    return [
        f"{library} is imported by {', '.join(sorted(paths))}"
        for (_, library), paths in sorted(files.items())
        if len(paths) > 1
    ]


def readers_of_the_environment(modules: list[Module]) -> list[str]:
    found = []
    for each in modules:
        named = {(name, imported) for name, imported in imports(each.tree)}
        attributes = {
            node.attr
            for node in ast.walk(each.tree)
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "os"
        }
        reads = {"environ", "environb", "getenv"} & attributes
        reads |= {imported for name, imported in named if name == "os"} & {"environ", "getenv"}
        reads |= {name for name, _ in named if name == "tomllib"}
        if reads and each.path not in READERS_OF_THE_ENVIRONMENT:
            found.append(f"{each.path} uses {', '.join(sorted(reads))}")
    return found


def namers_of_adapters(modules: list[Module]) -> list[str]:
    homes = {
        node.name: each.package
        for each in modules
        for node in each.tree.body
        if isinstance(node, ast.ClassDef) and node.name in ADAPTERS
    }
    return [
        f"{each.path} names {imported}"
        for each in modules
        for _, imported in imports(each.tree)
        if imported in ADAPTERS and each.package != homes.get(imported) and each.path not in NAMERS
    ]


def wrong_colours(modules: list[Module]) -> list[str]:
    return [
        f"{each.path} has async {node.name}"
        for each in modules
        if each.package in SYNC
        for node in ast.walk(each.tree)
        if isinstance(node, ast.AsyncFunctionDef)
    ]


def bad_names(paths: list[str]) -> list[str]:
    found = []
    for path in paths:
        *folders, file = path.removesuffix(".py").split("/")
        if file in VAGUE_NAMES or {*folders} & VAGUE_NAMES:
            found.append(f"{path} says nothing")
    return found


def shadows(top_level: list[str]) -> list[str]:
    return [name for name in top_level if name.removesuffix(".py") in sys.stdlib_module_names]


@pytest.fixture(scope="module")
def modules() -> list[Module]:
    return [
        module(path.relative_to(PACKAGE).as_posix(), path.read_text("utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    ]


def test_the_street_is_walked_in_one_direction(modules: list[Module]) -> None:
    assert against_the_street(modules) == []


def test_a_library_has_one_importer_in_a_package(modules: list[Module]) -> None:
    assert scattered_libraries(modules) == []


def test_only_the_configuration_reads_environment_and_toml(modules: list[Module]) -> None:
    assert readers_of_the_environment(modules) == []


def test_only_app_names_adapters(modules: list[Module]) -> None:
    assert namers_of_adapters(modules) == []


def test_the_engines_are_synchronous(modules: list[Module]) -> None:
    assert wrong_colours(modules) == []


def test_modules_are_named_for_what_they_hold(modules: list[Module]) -> None:
    assert bad_names([each.path for each in modules]) == []


def test_no_python_file_outside_the_packages_shadows_the_standard_library() -> None:
    top_level = [path.name for path in PACKAGE.parent.glob("*.py")]
    assert shadows(top_level) == []
    assert list((PACKAGE.parent / "collections").rglob("*.py")) == []


def test_every_package_of_the_street_exists(modules: list[Module]) -> None:
    assert {*STREET} - {each.package for each in modules} == set()


def test_a_step_back_is_seen() -> None:
    walker = module("index/edge.py", "def f():\n    from trinax.web.wire.errors import envelope")
    assert against_the_street([walker]) == ["index/edge.py imports web"]


def test_a_step_back_through_the_package_itself_is_seen() -> None:
    walker = module("documents/text.py", "from trinax import ingest")
    assert against_the_street([walker]) == ["documents/text.py imports ingest"]


def test_a_forbidden_neighbour_is_seen() -> None:
    walker = module("access/keys.py", "import trinax.index.ports")
    assert against_the_street([walker]) == ["access/keys.py imports index"]


def test_a_new_package_must_take_its_place() -> None:
    assert against_the_street([module("extras/x.py", "")]) == ["extras/x.py is not on the street"]


def test_a_library_with_two_importers_is_seen() -> None:
    one = module("index/edge.py", "import qdrant_edge")
    two = module("index/cluster.py", "from qdrant_edge import EdgeShard")
    assert scattered_libraries([one, two]) == [
        "qdrant_edge is imported by index/cluster.py, index/edge.py"
    ]


def test_standard_library_and_numpy_are_free() -> None:
    one = module("index/a.py", "import json, numpy as np, anyio")
    two = module("index/b.py", "import json, numpy.typing, anyio")
    assert scattered_libraries([one, two]) == []


@pytest.mark.parametrize(
    "source",
    [
        "import os\nos.environ['A']",
        "import os\nos.getenv('A')",
        "from os import environ",
        "import tomllib",
    ],
)
def test_a_second_reader_of_the_environment_is_seen(source: str) -> None:
    assert len(readers_of_the_environment([module("web/native.py", source)])) == 1


def test_an_adapter_named_elsewhere_is_seen() -> None:
    home = module("index/edge.py", "class EdgeStore: ...")
    namer = module("ingest/reconcile.py", "from trinax.index.edge import EdgeStore")
    app = module("app.py", "from trinax.index.edge import EdgeStore")
    assert namers_of_adapters([home, namer, app]) == ["ingest/reconcile.py names EdgeStore"]


def test_an_async_engine_is_seen() -> None:
    engine = module("index/edge.py", "class A:\n    async def b(self): ...")
    assert wrong_colours([engine]) == ["index/edge.py has async b"]


def test_a_vague_name_is_seen() -> None:
    assert bad_names(["index/utils.py", "web/common/x.py", "index/fusion.py"]) == [
        "index/utils.py says nothing",
        "web/common/x.py says nothing",
    ]


def test_a_shadowing_file_is_seen() -> None:
    assert shadows(["http.py", "setup.py"]) == ["http.py"]
