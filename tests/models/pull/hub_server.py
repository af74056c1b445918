"""A hub on loopback with the shapes of the real one, as far as a download sees them."""

import hashlib
import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPOSITORY = "acme/Counting-GGUF"


class HubServer:
    """cut: how many bytes the next bodies are cut off after. altered: content that does not fit
    its checksum. requests: (method, path, headers) in their order."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)
        self.altered: dict[str, bytes] = {}
        self.cut: list[int] = []
        self.token = ""
        self.gated = False
        self.ranges = True
        self.requests: list[tuple[str, str, Mapping[str, str]]] = []
        self.url = ""

    @property
    def paths(self) -> list[str]:
        return [path for _, path, _ in self.requests]

    @contextmanager
    def running(self) -> Iterator["HubServer"]:
        hub = self

        class Handler(_Handler):
            @property
            def hub(self) -> HubServer:
                return hub

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = False  # closing waits for them
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def described(self) -> dict[str, Any]:
        """As GET /api/models/REPO/revision/main?blobs=true says it."""
        siblings = []
        for path, content in self.files.items():
            blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
            row = {"rfilename": path, "size": len(content), "blobId": blob}
            if path.endswith(".gguf"):
                sha256 = hashlib.sha256(content).hexdigest()
                row |= {"lfs": {"sha256": sha256, "size": len(content), "pointerSize": 134}}
            siblings.append(row)
        return {"_id": "1", "id": REPOSITORY, "modelId": REPOSITORY, "sha": COMMIT} | {
            "private": bool(self.token),
            "gated": self.gated,
            "siblings": siblings,
        }


class _Handler(BaseHTTPRequestHandler):
    @property
    def hub(self) -> HubServer:
        raise NotImplementedError

    def do_GET(self) -> None:
        self.hub.requests.append((self.command, self.path, dict(self.headers)))
        if file := re.fullmatch(r"/cdn/(.+)", self.path):
            return self._content(file[1])
        if not re.match(rf"/(api/models/)?{REPOSITORY}/", self.path) or not self._allowed():
            return self._refuse(401, "RepoNotFound")
        if self.path == f"/api/models/{REPOSITORY}/revision/main?blobs=true":
            return self._send(200, json.dumps(self.hub.described()).encode())
        if file := re.fullmatch(rf"/{REPOSITORY}/resolve/{COMMIT}/(.+)", self.path):
            return self._redirect(file[1])
        return self._refuse(404, "EntryNotFound")

    def _allowed(self) -> bool:
        return not self.hub.token or self.headers["authorization"] == f"Bearer {self.hub.token}"

    def _redirect(self, path: str) -> None:
        if self.hub.gated:
            return self._refuse(403, "GatedRepo")
        content = self.hub.files[path]
        digest = hashlib.sha256(content).hexdigest()
        return self._send(
            302,
            b"",
            {
                "Location": f"{self.hub.url}/cdn/{path}",
                "X-Repo-Commit": COMMIT,
                "X-Linked-Etag": f'"{digest}"',
                "X-Linked-Size": str(len(content)),
                "ETag": f'"{digest[:32]}"',
            },
        )

    def _content(self, path: str) -> None:
        content = self.hub.altered.get(path, self.hub.files[path])
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers["range"] or "")
        start = int(asked[1]) if asked and self.hub.ranges else 0
        headers = {"ETag": '"of-the-cdn"', "Accept-Ranges": "bytes"}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self._send(206 if start else 200, content[start:], headers)

    def _refuse(self, status: int, code: str) -> None:
        headers = {"X-Error-Code": code, "X-Error-Message": "no"}
        self._send(status, b'{"error": "no"}', headers)

    def _send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.path.startswith("/cdn/") and self.hub.cut:
            body = body[: self.hub.cut.pop(0)]
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a test has nobody to read it."""
