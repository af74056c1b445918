"""Events that the system does not give: in processes of their own, so that it really does not."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

QUEUE = Path("/proc/sys/fs/inotify/max_queued_events")
# More would take too long to fill.
LONGEST_QUEUE = 100_000
LIMIT_S = 60.0

LISTENING = """
import asyncio, sys
from pathlib import Path
from tests.ingest.killing import opened

async def main():
    with opened(Path(sys.argv[1])) as house:
        await house.ingest.start()
        await house.ingest.wait_idle()
        print("listening", flush=True)
        while "new.md" not in house.ledger.rows("notes"):
            await asyncio.sleep(0.01)
        await house.ingest.close()

asyncio.run(main())
"""

STARVED = """
import asyncio, sys
from pathlib import Path
from tests.ingest.killing import opened

limit = Path("/proc/sys/user/max_inotify_watches")
limit.write_text("10")
notes = Path(sys.argv[1], "collections/notes")

async def until(condition):
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)

async def main():
    with opened(notes.parent.parent, scan_interval_s=0.2) as house:
        await house.ingest.start()
        notice = lambda: house.ingest.status("notes").notice
        await until(notice)
        assert notice() == (
            "changes are seen every 0.2 s: the system gives no more file events;"
            " raise fs.inotify.max_user_watches"
        ), notice()
        (notes / "19/late.md").write_text("late")
        await until(lambda: "19/late.md" in house.ledger.rows("notes"))
        limit.write_text("1000")
        await until(lambda: not notice())
        await house.ingest.close()

    limit.write_text("0")
    with opened(notes.parent.parent) as house:
        await house.ingest.start()
        await until(lambda: "max_user_watches" in house.ingest.status("notes").notice)
        await house.ingest.close()

asyncio.run(main())
"""


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "collections/notes"
    folder.mkdir(parents=True)
    (folder / "old.md").write_text("alpha")
    return folder


def overflow(folder: Path, events: int) -> None:
    """Two files in turn, for the system puts equal events that follow each other together."""
    files = [folder / ".one", folder / ".two"]
    for file in files:
        file.touch()
    for n in range(events):
        os.utime(files[n % 2])


@pytest.mark.skipif(sys.platform != "linux", reason="of inotify")
def test_a_queue_that_ran_over_is_made_up_for_at_once(notes: Path, tmp_path: Path) -> None:
    events = int(QUEUE.read_text())
    if events > LONGEST_QUEUE:
        pytest.skip(f"the queue takes {events} events here")
    command = [sys.executable, "-c", LISTENING, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        overflow(notes, events + 100)
        (notes / "new.md").write_text("beta")
        process.send_signal(signal.SIGCONT)
        try:
            assert process.wait(LIMIT_S / 2) == 0
        finally:
            process.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="of inotify")
def test_folders_that_cannot_be_watched_are_said_and_scanned(notes: Path, tmp_path: Path) -> None:
    command = ["unshare", "-rm", "sh", "-c", "echo 10 > /proc/sys/user/max_inotify_watches"]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no limit of one's own can be set here")
    for n in range(20):
        (notes / str(n)).mkdir()
    command = ["unshare", "-rm", sys.executable, "-c", STARVED, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr
