from pathlib import Path

from tests.evaluation.conftest import write
from trinax.evaluation import datasets
from trinax.evaluation.copies import row
from trinax.evaluation.runner import Parts

OWL = (
    "The barn owl hunts mice over open meadows in full darkness and finds them by ear alone. It "
    "breeds on the beams of barns and in the towers of churches, without building any nest there."
)
TEXTS = {
    "first": ("Owls", OWL),
    "same": ("Owls", OWL.replace(" ", "  ")),
    "near": ("Owls", OWL.replace(",", "")),
    "other": ("Owls", OWL.replace("barn owl", "tawny owl").replace("mice", "2 frogs")),
}


def test_copies_are_counted_and_what_is_lost_with_them(tmp_path: Path, parts: Parts) -> None:
    folder = write(tmp_path / "owls", TEXTS, {"q": ("Which owl hunts in darkness?", "near")})
    found = row(datasets.load(folder), parts)
    assert (found.kept, found.same, found.near) == (2, 1, 1)
    assert found.lost in (0, 1)
    assert found.to_relevant == 0
