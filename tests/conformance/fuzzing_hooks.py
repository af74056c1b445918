"""What schemathesis must not send, and how it sends what it does not know."""

import os
from typing import Any

import schemathesis

schemathesis.serializer.alias("application/x-tar", "application/octet-stream")


@schemathesis.hook
def filter_body(context: Any, body: Any) -> bool:
    """No folder of this machine becomes a collection."""
    root = body.get("root") if isinstance(body, dict) else None
    return not (isinstance(root, str) and os.path.isdir(root))
