import json
from pathlib import Path

import pytest

from trinax.evaluation import builtin
from trinax.evaluation.runner import Parts

BIRDS = {
    "owl": ("Owls", "Owls hunt mice at night and hear them under the snow."),
    "swift": ("Swifts", "Swifts sleep in the air and rarely land."),
    "stork": ("Storks", "Storks build large nests on chimneys."),
}
BIRD_QUESTIONS = {
    "q1": ("Which animals do owls hunt at night?", "owl"),
    "q2": ("Where do swifts sleep?", "swift"),
    "q3": ("On what do storks build their nests?", "stork"),
}
BREAD = {
    "rye": ("Rye", "Rye bread needs sourdough and a long rest before baking."),
    "roll": ("Rolls", "Rolls are baked for twenty minutes at high heat."),
    "toast": ("Toast", "Toast is sliced white bread, browned on both sides."),
}
BREAD_QUESTIONS = {
    "q1": ("What does rye bread need before baking?", "rye"),
    "q2": ("How many minutes are rolls baked?", "roll"),
    "q3": ("What is sliced bread browned on both sides?", "toast"),
}


def write(
    folder: Path,
    documents: dict[str, tuple[str, str]],
    questions: dict[str, tuple[str, str]],
) -> Path:
    folder.mkdir()
    (folder / "corpus.jsonl").write_text(
        "\n".join(
            json.dumps({"_id": id, "title": title, "text": text})
            for id, (title, text) in documents.items()
        )
    )
    (folder / "queries.jsonl").write_text(
        "\n".join(json.dumps({"_id": id, "text": text}) for id, (text, _) in questions.items())
    )
    (folder / "qrels.tsv").write_text(
        "\n".join(f"{id}\t{document}\t1" for id, (_, document) in questions.items())
    )
    return folder


@pytest.fixture
def birds(tmp_path: Path) -> Path:
    return write(tmp_path / "birds", BIRDS, BIRD_QUESTIONS)


@pytest.fixture
def bread(tmp_path: Path) -> Path:
    return write(tmp_path / "bread", BREAD, BREAD_QUESTIONS)


@pytest.fixture(scope="session")
def parts() -> Parts:
    return builtin.parts()
