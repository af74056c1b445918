from pathlib import Path

from trinax.ingest.mounts import far, mounted

MOUNTINFO = r"""
24 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 24 0:26 / /home/me/papers rw,relatime shared:9 master:2 - nfs4 box:/papers rw,vers=4.2
31 24 0:27 / /mnt/my\040share\134x rw - cifs //box/share rw
32 24 0:28 / /mnt/twice rw - nfs box:/a rw
33 24 0:29 / /mnt/twice rw - tmpfs tmpfs rw
"""


def test_every_mount_point_has_the_kind_of_what_is_mounted_last() -> None:
    assert mounted(MOUNTINFO) == {
        Path("/"): "ext4",
        Path("/home/me/papers"): "nfs4",
        Path("/mnt/my share\\x"): "cifs",
        Path("/mnt/twice"): "tmpfs",
    }


def test_a_folder_of_this_machine_is_not_far(tmp_path: Path) -> None:
    assert far([tmp_path, tmp_path / "not-there"]) == {}
