"""The library itself: the only importer of llama_cpp."""

import ctypes
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from trinax.llama.openmp import wait_briefly

wait_briefly()  # OpenMP looks when llama_cpp loads it

from llama_cpp import llama_cpp as native  # noqa: E402

__all__ = ["load_reasons", "native", "offloads", "start"]

logger = logging.getLogger(__name__)

LOAD_ERROR = "error loading model: "


@native.llama_log_callback  # type: ignore[untyped-decorator]
def _log(_level: int, text: bytes, _: object) -> None:
    line = text.decode("utf-8", "replace").strip(" .\n")
    if line:
        # llama.cpp calls much an error that is none, an aborted evaluation for one.
        logger.log(logging.WARNING if LOAD_ERROR in line else logging.DEBUG, "%s", line)


def start() -> None:
    """Make the library ready; cheap to repeat."""
    native.llama_log_set(_log, ctypes.c_void_p(0))
    native.llama_backend_init()


def offloads() -> bool:
    """Whether the library was built for a GPU, and finds one."""
    return bool(native.llama_supports_gpu_offload())


@contextmanager
def load_reasons() -> Iterator[list[str]]:
    """What llama.cpp logs as the reason of a failed load, on this thread."""
    thread, reasons = threading.get_ident(), list[str]()

    class Reasons(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            _, found, reason = record.getMessage().partition(LOAD_ERROR)
            if found and record.thread == thread:
                reasons.append(reason)

    handler = Reasons(logging.WARNING)
    logger.addHandler(handler)
    try:
        yield reasons
    finally:
        logger.removeHandler(handler)
