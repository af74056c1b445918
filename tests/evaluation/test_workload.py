from pathlib import Path

from trinax.evaluation.workload import copy_stdlib, questions


def test_the_library_is_copied_without_its_tests(tmp_path: Path) -> None:
    copies = {path.relative_to(tmp_path).as_posix() for path in copy_stdlib(tmp_path)}
    assert {"json/decoder.py", "os.py"} <= copies
    assert not any("/test/" in f"/{copy}" or "site-packages" in copy for copy in copies)
    assert all((tmp_path / copy).is_file() for copy in copies)


def test_questions_are_first_sentences_of_docstrings(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        '"""Too short."""\n\n'
        "def f():\n"
        '    """Return the number of\n    birds on the roof. Never negative."""\n\n'
        "class C:\n"
        '    """One two three four five six"""\n'
    )
    assert questions([module], 10) == ["Return the number of birds on the roof."]


def test_a_file_that_does_not_parse_asks_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("def f(:\n")
    assert questions([broken], 10) == []
