"""The command that measures retrieval, answers and chunks on data sets."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trinax.cli.options import configured, json_option, places, print_json
from trinax.settings import Settings

if TYPE_CHECKING:
    from trinax.cli.measuring import Measured

_folder = click.Path(exists=True, file_okay=False, path_type=Path)
_file = click.Path(exists=True, dir_okay=False, path_type=Path)

OF_ANSWERS = ("models", "questions")
OF_RETRIEVAL = ("over", "against", "words", "losses", "split", "limit")


@click.command("eval")
@click.argument("folders", nargs=-1, required=True, type=_folder)
@click.option("--over", type=_folder, metavar="DIR", help="Search this data set's corpus instead.")
@click.option("--against", type=_file, metavar="TOML", help="Compare with this configuration.")
@click.option("--words", is_flag=True, help="Compare with plain words (rank-bm25), not with BM25.")
@click.option("--losses", is_flag=True, help="Show the ten questions that lose most by hybrid.")
@click.option("--split", type=click.IntRange(1, 64), help="Deal each corpus into collections.")
@click.option("--limit", type=click.IntRange(10, 100), help="Passages asked for; 100.")
@click.option("--answers", is_flag=True, help="Measure answers in place of retrieval.")
@click.option("--chunks", is_flag=True, help="Measure ways to cut texts in place of retrieval.")
@click.option("--model", "models", multiple=True, metavar="ID", help="Of answers; repeatable.")
@click.option("--questions", type=click.IntRange(1), help="Of answers, of each kind; 300.")
@json_option
@places
def evaluate(
    folders: tuple[Path, ...], answers: bool, chunks: bool, as_json: bool, **options: Any
) -> None:
    """Measure retrieval on data sets: corpus.jsonl, queries.jsonl and qrels.tsv in each folder,
    or documents and questions.jsonl, {"question", "files"} a line.

    With --answers, what the built-in answerer or the named models write is measured: over HTTP,
    with the data sets as collections. answers.jsonl in a folder says what the answers are.

    With --chunks, a folder holds texts in corpora/ and questions.jsonl with the characters that
    answer each: how many of those are found, by our way to cut texts and by others.
    """
    given = {name: value for name, value in options.items() if value}
    _check(given, answers, chunks)
    settings = configured()
    if answers:
        _print(_answers(settings, folders, given), as_json)
    elif chunks:
        _print(_chunks(settings, folders), as_json)
    else:
        _print(_retrieval(settings, folders, given), as_json)


def _check(given: dict[str, Any], answers: bool, chunks: bool) -> None:
    if answers and chunks:
        raise click.UsageError("--answers and --chunks are two measurements.")
    if not answers and not given.keys().isdisjoint(OF_ANSWERS):
        raise click.UsageError("--model and --questions belong to --answers.")
    if (answers or chunks) and not given.keys().isdisjoint(OF_RETRIEVAL):
        options = ", ".join(f"--{name}" for name in OF_RETRIEVAL)
        raise click.UsageError(f"{options} belong to retrieval.")
    if given.get("against") and given.get("words"):
        raise click.UsageError("--against and --words are two comparisons.")


def _retrieval(settings: Settings, folders: tuple[Path, ...], given: dict[str, Any]) -> "Measured":
    from trinax.cli.scoring import Asked, evaluated

    return evaluated(settings, Asked(folders, **given))


def _chunks(settings: Settings, folders: tuple[Path, ...]) -> "Measured":
    from trinax.cli import measuring

    return measuring.evaluate_chunks(settings, folders)


def _answers(settings: Settings, folders: tuple[Path, ...], given: dict[str, Any]) -> "Measured":
    from trinax.cli import measuring
    from trinax.evaluation.answers.evaluate import Plan

    return measuring.evaluate_answers(settings, Plan(folders, **given))


def _print(measured: "Measured", as_json: bool) -> None:
    print_json(measured.figures) if as_json else click.echo(measured.text)
    sys.exit(0 if measured.passed else 1)
