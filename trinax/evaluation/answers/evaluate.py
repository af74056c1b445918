"""Answers of every named model to every data set."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from trinax.evaluation import datasets
from trinax.evaluation.answers.asking import answered, collections
from trinax.evaluation.answers.scoring import Scores, scored
from trinax.settings import Settings

EXTRACTIVE = "trinax-extract"
QUESTIONS = 300


@dataclass(frozen=True, slots=True)
class Plan:
    """models: ids. questions: of each kind and data set at most."""

    folders: Sequence[Path]
    models: Sequence[str] = (EXTRACTIVE,)
    questions: int = QUESTIONS


def evaluated(plan: Plan, settings: Settings, note: Callable[[str], None]) -> list[Scores]:
    """Scores by data set and model. note: is told what is being done.

    Raises InvalidRequest for a folder that is no data set, ServerFailed, TimeoutError.
    """
    loaded = [datasets.load(folder) for folder in plan.folders]
    rows: list[Scores] = []
    with collections(loaded, settings, plan.questions) as (server, made):
        for collection in made:
            for model in plan.models:
                note(f"{collection.dataset}: {len(collection.questions)} questions to {model}")
                answers = [
                    answered(server, collection, question, model)
                    for question in collection.questions
                ]
                rows.append(scored(collection, model, answers))
    return rows
