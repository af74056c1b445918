import re

import pytest

from trinax.cli import terminal


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 KB"),
        (1_500_000, "1.5 MB"),
        (99_960, "100 KB"),
        (999_600, "1.0 MB"),
        (2_000_000_000, "2.0 GB"),
    ],
)
def test_sizes_have_two_or_three_digits(size_bytes: int, text: str) -> None:
    assert terminal.size(size_bytes) == text


def test_indexed_text_cannot_drive_the_terminal() -> None:
    assert terminal.plain("a\x1b[31mred\x07\x9b\tb\n") == "a[31mred\tb\n"


def test_piped_output_has_no_colour_and_is_not_wrapped(
    capsys: pytest.CaptureFixture[str],
) -> None:
    terminal.say("word " * 100, "bold red")
    assert capsys.readouterr().out == "word " * 100 + "\n"


def test_progress_is_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    files = {"total": 4, "failed": 1}
    status = {"files": files, "queue": {"files": 1}, "eta_s": 2.0, "chunks": 3}
    with terminal.bar("notes") as bar:
        bar.show(status)
    assert capsys.readouterr().err == ""


def test_a_download_is_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.transfer("a.gguf", 100) as show:
        show(50)
    assert capsys.readouterr().err == ""


def test_a_table_in_a_pipe_is_not_folded(capsys: pytest.CaptureFixture[str]) -> None:
    long = "word " * 60
    terminal.show_table(("a", "b"), [(long, "x")])
    assert capsys.readouterr().out.splitlines()[1].split("  ")[0].strip() == long.strip()


def test_a_cell_cannot_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.show_table(("a",), [(("\x1b[31mred", "bold"),)])
    assert "\x1b" not in capsys.readouterr().out


def test_waiting_is_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.waiting("searching") as begun:
        begun()
    assert capsys.readouterr() == ("", "")


def test_a_link_in_a_pipe_is_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.say("a.md:3-9", "bold", link="file:///a.md")
    assert capsys.readouterr().out == "a.md:3-9\n"


def test_a_terminal_gets_the_link(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal.say("a.md:3-9", link="file:///a.md")
    shown = capsys.readouterr().out
    assert re.fullmatch(r"\x1b]8;id=\d+;file:///a\.md\x1b\\a\.md:3-9\x1b]8;;\x1b\\\n", shown), shown
