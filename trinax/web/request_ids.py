"""Which request the code that runs now works for."""

from contextvars import ContextVar

# Its x-request-id, in its own task and in the threads that work for it; "" outside of requests.
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
