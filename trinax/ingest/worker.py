"""A parser process: questions come in on stdin, what was parsed goes out on stdout.

It reads what strangers wrote, with libraries in C, so it can do little else: it has no environment
and no descriptor of the server, writes nothing into files, starts no process, and has limits on
memory and time.
"""

import os
import pickle
import resource
import signal
import sys
from collections.abc import Mapping
from typing import BinaryIO

from trinax.documents.reading import read
from trinax.documents.records import Document
from trinax.errors import UnreadableDocument
from trinax.ingest import answers
from trinax.ingest.parser import GREETING
from trinax.ingest.parsing import Content, Job, Reading, cut, parsed

# Answering queries goes first, without starving on a busy machine.
NICENESS = 5
# Beyond what it has when it starts; 20 MB of text take some 550 MB.
MEMORY_BYTES = 2_000_000_000
# Of a processor, for one file; 20 MB of text take some 15 s.
CPU_S = 60
# Beside stdin, stdout, stderr and the answers: the folders on the way to a file, and the file.
DESCRIPTORS = 32


def main() -> None:
    """Runs until stdin ends, as it does when the server is gone, however it went."""
    # Ctrl-C reaches the whole group of processes; the server ends this one when it is done.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Its log is the server's stderr, where no path of this machine belongs.
    sys.tracebacklimit = 0
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    # Whatever a library prints must not end up among the answers.
    stream = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for kind, limit in limits(_own_bytes()).items():
        _lower(kind, limit)
    stream.write(GREETING)
    stream.flush()
    while True:
        _lower(resource.RLIMIT_CPU, _used_cpu_s() + CPU_S)
        try:
            question: Job | Reading | Content = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        _answer(question, stream)


def limits(own_bytes: int) -> Mapping[int, int]:
    """own_bytes: what the process has already; 0 where that is unknown."""
    found = {
        resource.RLIMIT_CORE: 0,  # a dump of memory would hold people's documents
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: DESCRIPTORS,
    }
    if hasattr(resource, "RLIMIT_NPROC"):
        found[resource.RLIMIT_NPROC] = 0
    return {**found, resource.RLIMIT_AS: own_bytes + MEMORY_BYTES} if own_bytes else found


def _lower(kind: int, limit: int) -> None:
    """Only the time may be raised again, for the next file."""
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(kind, (limit, hard if kind == resource.RLIMIT_CPU else limit))


def _answer(question: Job | Reading | Content, stream: BinaryIO) -> None:
    if isinstance(question, Job):
        answers.send_parsed(parsed(question), stream)
    elif isinstance(question, Content):
        answers.send_cut(cut(question), stream)
    else:
        answers.send_read(_read(question), stream)


def _read(question: Reading) -> Document | str:
    try:
        return read(question.place, question.file, question.limit_bytes)
    except UnreadableDocument as exc:
        return exc.reason


def _own_bytes() -> int:
    # Linux tells; elsewhere the system does not keep a process to RLIMIT_AS either.
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def _used_cpu_s() -> int:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return int(used.ru_utime + used.ru_stime) + 1
