from pathlib import Path

import pytest

from trinax.llama.cores import physical_cores, quotas
from trinax.llama.machine import machine_bytes

GIB = 2**30


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A machine of 16 GiB."""
    write(tmp_path / "proc/meminfo", "MemTotal:       16777216 kB\nMemFree: 1 kB\n")
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_machine_has_what_it_says(root: Path) -> None:
    assert machine_bytes(root) == 16 * GIB


def test_a_container_has_its_limit(root: Path) -> None:
    write(root / "proc/self/cgroup", "0::/\n")
    write(root / "sys/fs/cgroup/memory.max", f"{4 * GIB}\n")
    assert machine_bytes(root) == 4 * GIB


def test_no_limit_is_written_as_a_word(root: Path) -> None:
    write(root / "proc/self/cgroup", "0::/\n")
    write(root / "sys/fs/cgroup/memory.max", "max\n")
    assert machine_bytes(root) == 16 * GIB


def test_the_least_limit_of_all_groups_above_counts(root: Path) -> None:
    write(root / "proc/self/cgroup", "0::/system.slice/trinax.service\n")
    write(root / "sys/fs/cgroup/system.slice/memory.max", f"{2 * GIB}")
    write(root / "sys/fs/cgroup/system.slice/trinax.service/memory.max", f"{8 * GIB}")
    assert machine_bytes(root) == 2 * GIB


def test_the_first_version_of_control_groups_is_read_too(root: Path) -> None:
    write(root / "proc/self/cgroup", "4:cpu,cpuacct:/docker/x\n3:memory:/docker/x\n")
    # Inside a container its own group is mounted where the whole tree is outside.
    write(root / "sys/fs/cgroup/memory/memory.limit_in_bytes", f"{3 * GIB}")
    assert machine_bytes(root) == 3 * GIB


def test_the_first_version_writes_no_limit_as_a_huge_number(root: Path) -> None:
    write(root / "proc/self/cgroup", "3:memory:/\n")
    write(root / "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712")
    assert machine_bytes(root) == 16 * GIB


@pytest.mark.parametrize("text", ["", "0", "::::", "0::/../..\n", "\n\n", "0:memory"])
def test_an_odd_group_is_no_limit(root: Path, text: str) -> None:
    write(root / "proc/self/cgroup", text)
    assert machine_bytes(root) == 16 * GIB


def test_a_system_without_proc_is_asked_otherwise(tmp_path: Path) -> None:
    assert machine_bytes(tmp_path) > 0


@pytest.mark.parametrize(
    ("text", "cores"),
    [("200000 100000", [2]), ("150000 100000", [2]), ("max 100000", []), ("", [])],
)
def test_a_container_may_use_so_many_cores(root: Path, text: str, cores: list[int]) -> None:
    write(root / "proc/self/cgroup", "0::/\n")
    write(root / "sys/fs/cgroup/cpu.max", text)
    assert list(quotas(root)) == cores


def test_there_is_a_core() -> None:
    assert physical_cores() >= 1
