"""A parser process: pickled jobs come in on stdin, what was parsed goes out on stdout."""

import os
import pickle
import signal
import sys
from typing import BinaryIO

from trinax.ingest.parsing import GREETING, Parsed, parsed

# Answering queries goes first, without starving on a busy machine.
NICENESS = 5


def main() -> None:
    """Runs until stdin ends, as it does when the server is gone, however it went."""
    # Ctrl-C reaches the whole group of processes; the server ends this one when it is done.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    # Whatever a library prints must not end up among the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    _send(GREETING, answers)
    while True:
        try:
            job = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        _send(parsed(job), answers)


def _send(answer: Parsed | str, answers: BinaryIO) -> None:
    pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
    answers.flush()
