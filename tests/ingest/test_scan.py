import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from trinax.documents.opening import Place
from trinax.ingest import rules
from trinax.ingest.records import LISTED
from trinax.ingest.scan import Found, Limits, Root, Scan, scan

LIMITS = Limits(file_limit_bytes=1000)


def write(folder: Path, *files: str, text: str = "words") -> None:
    for file in files:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def seen(folder: Path) -> list[str]:
    return sorted(scan(Root(folder), LIMITS).files)


def reasons(scanned: Scan) -> dict[str, str]:
    return {failure.file: failure.reason for failure in scanned.left_out}


def test_files_are_named_from_the_root_with_slashes(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "docs/deep/b.md")
    assert seen(tmp_path) == ["a.md", "docs/deep/b.md"]


def test_a_file_comes_with_its_path_size_and_time(tmp_path: Path) -> None:
    write(tmp_path, "a.md", text="four")
    os.utime(tmp_path / "a.md", ns=(5, 1_700_000_000_123_456_789))
    found = scan(Root(tmp_path), LIMITS).files["a.md"]
    assert found == Found("a.md", Place(tmp_path, "a.md"), 4, 1_700_000_000_123_456_789)


def test_a_prefix_stands_before_every_name(tmp_path: Path) -> None:
    write(tmp_path, "a.md")
    assert list(scan(Root(tmp_path, "docs/"), LIMITS).files) == ["docs/a.md"]


@pytest.mark.parametrize(
    "file",
    [
        ".env",
        ".env.local",
        "prod.env",
        ".git/config",
        ".secret/a.md",
        "node_modules/x/index.js",
        "pkg/__pycache__/a.py",
        "build/a.js",
        "dist/a.js",
        "package-lock.json",
        "yarn.lock",
        "Cargo.lock",
        "go.sum",
        "jquery.min.js",
        "app.js.map",
        "id_rsa",
        "id_rsa.old",
        "id_ed25519",
        "server.pem",
        "tls.KEY",
        "credentials",
        "Service-Account.json",
        "secrets.yaml",
        "note.md~",
        "note.md.tmp",
        "#note.md#",
        ".#note.md",
        "4913",
        "note.md___jb_tmp___",
        "note.md___jb_old___",
        "book.pdf.crdownload",
        "book.pdf.part",
        "~$report.docx",
        ".~lock.report.odt#",
        "photo.JPG",
        "model.gguf",
        "a.pyc",
    ],
)
def test_what_is_never_indexed(tmp_path: Path, file: str) -> None:
    write(tmp_path, file, "kept.md")
    assert seen(tmp_path) == ["kept.md"]


def test_an_environment_of_any_name_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, "py311/pyvenv.cfg", "py311/lib/a.py", "target/CACHEDIR.TAG", "target/b.rs")
    assert seen(tmp_path) == []


def test_a_folder_that_only_has_the_name_of_an_environment_is_indexed(tmp_path: Path) -> None:
    write(tmp_path, "venv/__init__.py")
    assert seen(tmp_path) == ["venv/__init__.py"]


def test_folders_left_out_are_told_with_their_reasons(tmp_path: Path) -> None:
    write(tmp_path, "py311/pyvenv.cfg", "node_modules/x/index.js", ".git/config", "out/a.md")
    write(tmp_path, ".gitignore", text="/out/\n")
    assert reasons(scan(Root(tmp_path), LIMITS)) == {
        "py311/": "a virtual environment",
        "node_modules/": "installed dependencies",
        "out/": "ignored by .gitignore",
        ".git/": "hidden",
        ".gitignore": "hidden",
    }


def test_every_file_left_out_is_told_with_its_reason(tmp_path: Path) -> None:
    write(tmp_path, "a.md", ".env", "server.pem", "go.sum", "a.min.js", "b.md~", "c.jpg")
    write(tmp_path, "docs/x.log")
    write(tmp_path, "docs/.trinaxignore", text="*.log\n")
    os.symlink("a.md", tmp_path / "link.md")
    os.symlink("a.md", tmp_path / ".#a.md")
    assert reasons(scan(Root(tmp_path), LIMITS)) == {
        ".env": "hidden",
        "server.pem": "may hold a secret",
        "go.sum": "a lock file",
        "a.min.js": "minified",
        "b.md~": "a temporary file",
        "c.jpg": rules.BINARY,
        "docs/x.log": "ignored by docs/.trinaxignore",
        "docs/.trinaxignore": "hidden",
        "link.md": "a link",
        ".#a.md": "hidden",
    }


def test_what_a_person_may_miss_is_told_first(tmp_path: Path) -> None:
    write(tmp_path, ".env", "a.pem", "b.jpg", "node_modules/x.js", "z.md", "zz.lock")
    os.symlink("a.md", tmp_path / "link.md")
    scanned = scan(Root(tmp_path), LIMITS)
    first = {one.file for one in scanned.left_out[: scanned.missed]}
    assert first == {"b.jpg", "link.md", "node_modules/"}


def test_the_list_has_an_end_and_the_count_has_not(tmp_path: Path) -> None:
    write(tmp_path, ".a", "b.jpg", *(f"{n}.lock" for n in range(LISTED)))
    scanned = scan(Root(tmp_path), LIMITS)
    assert (scanned.skipped, len(scanned.left_out)) == (LISTED + 2, LISTED)
    assert scanned.left_out[0].file == "b.jpg"


def test_an_ignore_file_can_ask_for_build_output(tmp_path: Path) -> None:
    write(tmp_path, "build/a.md")
    write(tmp_path, ".trinaxignore", text="!build/\n")
    assert seen(tmp_path) == ["build/a.md"]


def test_an_ignore_file_cannot_ask_for_secrets(tmp_path: Path) -> None:
    write(tmp_path, ".env", "id_rsa", "a.pem")
    write(tmp_path, ".trinaxignore", text="!.env\n!id_rsa\n!*.pem\n")
    assert seen(tmp_path) == []


def test_ignored_by_git_is_ignored_here(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "a.log", "deep/b.log", "out/c.md", "deep/out/d.md")
    write(tmp_path, ".gitignore", text="# logs\n*.log\n/out/\n")
    assert seen(tmp_path) == ["a.md", "deep/out/d.md"]


def test_an_inner_ignore_file_overrides_an_outer_one(tmp_path: Path) -> None:
    write(tmp_path, "a.log", "deep/keep.log", "deep/b.log")
    write(tmp_path, ".gitignore", text="*.log\n")
    write(tmp_path, "deep/.gitignore", text="!keep.log\n")
    assert seen(tmp_path) == ["deep/keep.log"]


def test_an_inner_ignore_file_speaks_of_its_folder_only(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "deep/a.txt")
    write(tmp_path, "deep/.gitignore", text="/a.txt\n")
    assert seen(tmp_path) == ["a.txt"]


def test_a_file_in_an_ignored_folder_cannot_be_asked_for(tmp_path: Path) -> None:
    write(tmp_path, "private/a.md")
    write(tmp_path, ".gitignore", text="private/\n!private/a.md\n")
    assert seen(tmp_path) == []


def test_the_last_matching_line_wins(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "b.txt")
    write(tmp_path, ".gitignore", text="*.txt\n!b.txt\n")
    assert seen(tmp_path) == ["b.txt"]


def test_trinaxignore_has_the_last_word_in_its_folder(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "b.txt")
    write(tmp_path, ".gitignore", text="a.txt\n")
    write(tmp_path, ".trinaxignore", text="!a.txt\nb.txt\n")
    assert seen(tmp_path) == ["a.txt"]


def test_a_broken_line_spoils_no_other(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "b.md")
    write(tmp_path, ".gitignore", text="!\n/\n[\n\\\n*.txt\n")
    assert seen(tmp_path) == ["b.md"]


def test_the_listing_agrees_with_git(tmp_path: Path) -> None:
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not installed")
    write(tmp_path, *(f"{d}{f}" for d in ("", "x/", "x/y/", "doc/") for f in GIT_FILES))
    write(tmp_path, ".gitignore", text=GIT_RULES)
    write(tmp_path, "x/.gitignore", text="!*.tmp\n/one.txt\ny/t*\n")
    subprocess.run([git, "init", "-q"], cwd=tmp_path, check=True)
    listed = subprocess.run(
        [git, "ls-files", "-o", "--exclude-standard"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert seen(tmp_path) == sorted(f for f in listed.stdout.split() if not f.endswith("ignore"))


GIT_FILES = ("one.txt", "two.txt", "a.tmp", "b.tmp", "foo/a.md", "bar/foo.md", "keep/a.tmp")
GIT_RULES = "*.tmp\n!b.tmp\n/two.txt\nfoo/\ndoc/**/foo.md\n!doc/bar/\nx/*/keep\n"


def test_links_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, "root/a.md", "outside/secret.md")
    root = tmp_path / "root"
    (root / "out").symlink_to(tmp_path / "outside")
    (root / "secret.md").symlink_to(tmp_path / "outside/secret.md")
    (root / "again.md").symlink_to(root / "a.md")
    (root / "loop").symlink_to(root)
    (root / "dangling").symlink_to(tmp_path / "nowhere")
    assert seen(root) == ["a.md"]


def test_a_pipe_and_a_socket_are_no_files(tmp_path: Path) -> None:
    write(tmp_path, "a.md")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        scanned = scan(Root(tmp_path), LIMITS)
    assert list(scanned.files) == ["a.md"]
    assert reasons(scanned) == {"pipe": "not a regular file", "s": "not a regular file"}


def test_a_file_over_the_limit_is_left_out_and_said_so(tmp_path: Path) -> None:
    write(tmp_path, "exact.md", text="x" * 1000)
    write(tmp_path, "large.md", text="x" * 1001)
    scanned = scan(Root(tmp_path), LIMITS)
    assert list(scanned.files) == ["exact.md"]
    assert reasons(scanned) == {"large.md": "larger than 1000 bytes (1001)"}
    assert scanned.skipped == 1


def test_a_name_that_is_no_text_is_left_out_and_shown(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.md")).write_text("x")
    scanned = scan(Root(tmp_path), LIMITS)
    assert scanned.files == {}
    assert reasons(scanned) == {"caf\\xe9.md": "its name is not valid UTF-8"}


def test_an_empty_file_is_a_file(tmp_path: Path) -> None:
    write(tmp_path, "empty.md", text="")
    assert seen(tmp_path) == ["empty.md"]


def test_odd_names_are_names(tmp_path: Path) -> None:
    names = ["文档.md", "a b.md", "new\nline.md", "semi;colon.md", "-dash.md", "back\\slash.md"]
    write(tmp_path, *names)
    assert seen(tmp_path) == sorted(names)


def test_a_root_that_is_gone_is_no_empty_root(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        scan(Root(tmp_path / "gone"), LIMITS)


def test_a_root_that_is_a_file_is_no_empty_root(tmp_path: Path) -> None:
    write(tmp_path, "file")
    with pytest.raises(NotADirectoryError):
        scan(Root(tmp_path / "file"), LIMITS)


def test_an_excluded_folder_is_not_entered(tmp_path: Path) -> None:
    write(tmp_path, "var/ledger.txt", "a.md")
    var = str(tmp_path / "var")
    scanned = scan(Root(tmp_path), Limits(1000, frozenset({var})))
    assert list(scanned.files) == ["a.md"]
    assert scanned.pruned == {var}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_closed_folder_fails_alone(tmp_path: Path) -> None:
    write(tmp_path, "open/a.md", "closed/b.md")
    (tmp_path / "closed").chmod(0)
    scanned = scan(Root(tmp_path), LIMITS)
    (tmp_path / "closed").chmod(0o700)
    assert list(scanned.files) == ["open/a.md"]
    assert [failure.file for failure in scanned.failed] == ["closed/"]


def test_a_folder_too_deep_for_a_path_of_the_system_is_seen(tmp_path: Path) -> None:
    write(tmp_path, "a.md")
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(25):
        os.mkdir("d" * 200, dir_fd=here)
        inner = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(os.open("b.md", os.O_WRONLY | os.O_CREAT, dir_fd=here))
    os.close(here)
    scanned = scan(Root(tmp_path), LIMITS)
    assert sorted(scanned.files) == ["a.md", "d" * 200 + ("/" + "d" * 200) * 24 + "/b.md"]
    assert scanned.failed == ()


def test_a_root_that_is_a_link_is_not_listed(tmp_path: Path) -> None:
    write(tmp_path, "outside/secret.md")
    (tmp_path / "root").symlink_to(tmp_path / "outside")
    with pytest.raises(OSError, match=r"."):
        scan(Root(tmp_path / "root"), LIMITS)


def test_an_ignore_file_that_is_a_link_keeps_its_folder_out(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "docs/b.md", "rules")
    (tmp_path / "docs/.gitignore").symlink_to(tmp_path / "rules")
    scanned = scan(Root(tmp_path), LIMITS)
    assert list(scanned.files) == ["a.md", "rules"]
    assert "its .gitignore is a link" in scanned.failed[0].reason
