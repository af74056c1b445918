from pathlib import Path

from trinax.embedding.training.held_out import held_out
from trinax.evaluation.code_set import main, sources, write, write_sources
from trinax.evaluation.datasets import load

MODULE = b'''
class Bird:
    """A class is not asked for."""

    @property
    def song(self) -> str:
        """Return what the bird sings at dawn.

        More of it.
        """
        def inner():
            return self._song
        return inner()

    def abstract(self):
        """Do whatever a bird does all day."""


def land(bird): """Bring the bird down to earth."""; bird.down()


def short():
    """Too few."""
    return 1


def bare():
    return 2
'''.replace(b"def short", b"\f\ndef short")
KEPT, TRAINED = (
    next(f"package{i}" for i in range(100) if held_out(f"package{i}") is wanted)
    for wanted in (True, False)
)


def test_a_function_is_asked_for_by_the_sentence_that_it_lost() -> None:
    song, short, bare = sources(MODULE, "birds.py")
    assert song.id == "birds.py:Bird.song:6"
    assert song.sentence == "Return what the bird sings at dawn."
    assert song.text.startswith("@property\ndef song(self) -> str:\n    def inner():\n")
    assert "dawn" not in song.text
    assert "More of it" not in song.text
    assert (short.sentence, bare.sentence) == ("", "")


def test_a_module_that_is_wrong_has_no_functions() -> None:
    assert list(sources(b"def (", "wrong.py")) == []
    assert list(sources(b"\xff\xfe", "binary.py")) == []


def test_only_packages_kept_from_training_are_asked_for(tmp_path: Path) -> None:
    found = [*sources(MODULE, f"{KEPT}/a.py"), *sources(MODULE.replace(b"dawn", b"dusk"), "x.py")]
    trained = [*sources(MODULE.replace(b"dawn", b"noon"), f"{TRAINED}.py")]
    write_sources(tmp_path, [*found[:3], *trained], 10)
    dataset = load(tmp_path)
    assert dataset.queries == {"q1": "Return what the bird sings at dawn."}
    assert dataset.qrels == {"q1": {f"{KEPT}/a.py:Bird.song:6": 1}}
    assert len(dataset.corpus) == 6


def test_a_sentence_that_training_has_seen_elsewhere_is_not_asked(tmp_path: Path) -> None:
    found = [*sources(MODULE, f"{KEPT}.py"), *sources(MODULE, f"{TRAINED}.py")]
    write_sources(tmp_path, found, 10)
    assert load(tmp_path).queries == {}


def test_functions_with_one_sentence_are_all_right(tmp_path: Path) -> None:
    found = [*sources(MODULE, f"{KEPT}/a.py"), *sources(MODULE, f"{KEPT}/b.py")]
    write_sources(tmp_path, found, 10)
    assert len(load(tmp_path).qrels["q1"]) == 2


def test_the_same_modules_make_the_same_files(tmp_path: Path) -> None:
    def copy(folder: Path) -> list[Path]:
        paths = [folder / f"{KEPT}.py", folder / f"{TRAINED}.py"]
        for path in paths:
            path.write_bytes(MODULE)
        return paths

    for name in ("one", "two"):
        write(tmp_path / name, copy=copy)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_the_standard_library_holds_a_thousand_questions(tmp_path: Path) -> None:
    assert main([str(tmp_path / "code")]) == 0
    dataset = load(tmp_path / "code")
    assert len(dataset.judged()) == 1000
    texts = {document.id: document.text for document in dataset.corpus}
    assert all(grades.keys() <= texts.keys() for grades in dataset.qrels.values())
