"""What schemathesis must not send, and how it sends what it does not know."""

import os
from typing import Any

import schemathesis

# As a query may say it.
TRUE = {"true", "1", "on", "yes", "t", "y"}

schemathesis.serializer.alias("application/x-tar", "application/octet-stream")


@schemathesis.hook
def filter_body(context: Any, body: Any) -> bool:
    """No folder of this machine becomes a collection."""
    root = body.get("root") if isinstance(body, dict) else None
    return not (isinstance(root, str) and os.path.isdir(root))


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """A status that is told again for ever is not waited for."""
    if not case.operation.path.startswith("/v1/collections"):
        return
    if case.query and str(case.query.get("stream", "")).lower() in TRUE:
        case.query["stream"] = "false"
    if "event-stream" in str((case.headers or {}).get("accept", "")):
        del case.headers["accept"]
