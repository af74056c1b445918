"""python -m trinax.embedding.training tokenizer|train|evaluate; docs/model-card.md has a run."""

import argparse
import time
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from trinax.embedding import table
from trinax.embedding.static import StaticEmbedder
from trinax.embedding.training import contrast, evaluation, tokenizer
from trinax.embedding.training.examples import examples
from trinax.embedding.training.pairs import pairs
from trinax.embedding.training.source_code import code_pairs, standard_library
from trinax.embedding.training.spread import spread


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    options.command(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m trinax.embedding.training")
    commands = parser.add_subparsers(required=True)

    learn = commands.add_parser("tokenizer", help="learn the ranks")
    learn.add_argument("pairs", type=Path, help="JSON lines, plain or .xz")
    learn.add_argument("ranks", type=Path, help="the file to write")
    learn.add_argument("--characters", type=int, default=120_000_000, help="size of the sample")
    learn.add_argument("--seed", type=int, default=20261123)
    learn.set_defaults(command=_tokenizer)

    plan = contrast.Plan()
    train = commands.add_parser("train", help="learn the token vectors")
    train.add_argument("pairs", type=Path, help="JSON lines, plain or .xz")
    train.add_argument("model", type=Path, help="the file to write, after each epoch")
    train.add_argument("--epochs", type=int, default=plan.epochs)
    train.add_argument("--rate", type=float, default=plan.rate)
    train.add_argument("--seed", type=int, default=plan.seed)
    train.set_defaults(command=_train)

    evaluate = commands.add_parser("evaluate", help="print nDCG@10 of a model")
    evaluate.add_argument("model", type=Path)
    evaluate.add_argument("folders", type=Path, nargs="+", help="corpus, queries, judgements")
    evaluate.set_defaults(command=_evaluate)
    return parser


def _tokenizer(options: argparse.Namespace) -> None:
    texts = tokenizer.sample(options.pairs, standard_library(), options.characters, options.seed)
    learned = tokenizer.learn(texts)
    tokenizer.write(tokenizer.ranks(learned), options.ranks)


def _train(options: argparse.Namespace) -> None:
    start = time.monotonic()
    tokenised = examples(chain(pairs(options.pairs), code_pairs(standard_library())))
    print(f"{len(tokenised.group)} pairs, {time.monotonic() - start:.0f} s", flush=True)
    plan = contrast.Plan(epochs=options.epochs, rate=options.rate, seed=options.seed)
    for done in contrast.learn(tokenised, plan):
        table.write(spread(done.vectors, tokenised, options.seed), options.model)
        seconds = time.monotonic() - start
        print(f"epoch {done.epoch}: loss {done.loss:.3f}, {seconds:.0f} s", flush=True)


def _evaluate(options: argparse.Namespace) -> None:
    embedder = StaticEmbedder(options.model)
    for folder in options.folders:
        print(f"{folder.name:20} {evaluation.ndcg(folder, embedder):.3f}")


if __name__ == "__main__":
    main()
