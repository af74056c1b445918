import os
import sys
import threading

import pytest

from trinax.evaluation.processes import usage

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")


def test_a_thread_is_counted() -> None:
    before, leave = usage(os.getpid()), threading.Event()
    thread = threading.Thread(target=leave.wait)
    thread.start()
    during = usage(os.getpid())
    leave.set()
    thread.join()
    assert before is not None
    assert during is not None
    assert during.threads == before.threads + 1
    assert during.memory_bytes > 1_000_000


def test_a_process_that_is_not_there_takes_nothing() -> None:
    assert usage(2**22 + 1) is None
