from pathlib import Path

import pytest

from trinax.cli import tables


def test_checks_say_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    fine = {"name": "Python", "level": "ok", "message": "3.11.7", "advice": ""}
    bad = {"name": "address", "level": "fail", "message": "in use", "advice": "stop it"}
    tables.show_checks([fine, bad])
    assert capsys.readouterr().out.splitlines() == [
        "ok    Python   3.11.7",
        "fail  address  in use",
        "               → stop it",
    ]


def test_a_model_is_told_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"id": "a", "size_bytes": 2_000_000, "roles": ("fast", "deep"), "problem": ""}
    tables.show_model(row | {"memory": {"needed_bytes": 3_000_000}})
    assert capsys.readouterr().out.splitlines() == [
        "id                      a",
        "size                    2.0 MB",
        "roles                   fast",
        "                        deep",
        "needed                  3.0 MB",
    ]


def test_without_a_collection_no_table_but_what_to_type(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tables.show_collections({"collections": [], "refused": []}, Path("collections"))
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "trinax index PATH" in shown.err


def test_without_a_key_no_table_but_what_to_type(capsys: pytest.CaptureFixture[str]) -> None:
    tables.show_keys([])
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "trinax keys create" in shown.err
