"""The page for people, and what other clients find at its address."""

import re
from functools import cached_property

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from trinax.playground.page import Page, page
from trinax.web.declaring.operation import Operation

# Ollama's own words, which some of its clients look for.
BANNER = "Ollama is running"
PAGE = "text/html"
HEADERS = {
    # Asked for each time, and sent again only when it has changed.
    "cache-control": "no-cache",
    "vary": "Accept, Accept-Encoding",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
REFUSED = re.compile(r"q=0(\.0*)?")


class Root:
    def operations(self) -> list[Operation]:
        gives = (PAGE, "text/plain")
        return [Operation("GET", "/", self.root, gives, other_statuses=(304,))]

    async def root(self, request: Request) -> Response:
        """The page, for a browser; else what Ollama's clients look for."""
        if not _takes(request, "accept", PAGE):
            return PlainTextResponse(BANNER, headers={"vary": "Accept"})
        made = await anyio.to_thread.run_sync(lambda: self._page)
        headers = {**HEADERS, "content-security-policy": made.policy, "etag": made.tag}
        if made.tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers, media_type=PAGE)
        if _takes(request, "accept-encoding", "gzip"):
            headers["content-encoding"] = "gzip"
            return Response(made.compressed, headers=headers, media_type=PAGE)
        return Response(made.content, headers=headers, media_type=PAGE)

    # Made at the first request, which a start need not wait for.
    @cached_property
    def _page(self) -> Page:
        return page()


def _takes(request: Request, header: str, wanted: str) -> bool:
    """Whether the client names it, which "*" does not."""
    for entry in request.headers.get(header, "").lower().split(","):
        name, *parameters = (part.strip() for part in entry.split(";"))
        if name == wanted:
            return not any(REFUSED.fullmatch(each) for each in parameters)
    return False
