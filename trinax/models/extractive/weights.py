"""What each feature of an excerpt is worth."""

from collections.abc import Mapping

# Listwise logistic regression on 4 000 questions of SQuAD 1.1 with what retrieval finds for them
# among 2 067 paragraphs: `python -m trinax.evaluation.extractive DIR --sample 4000 --fit`.
FITTED: Mapping[str, float] = {
    "score": 5.46,
    "own": -1.27,
    "long": 1.04,
    "previous": 2.79,
    "next": 0.85,
    "context": 2.32,
    "names": -1.74,
    "names_context": 1.17,
    "prefix": 0.87,
    "pairs": 3.18,
    "number": 1.69,
    "date": 2.35,
    "name": 0.48,
    "near": 1.70,
    "focus": 0.23,
    "length": -0.74,
    "new": 0.70,
    "short": -2.47,
    "first": 0.10,
    "cosine": 2.64,
    "cosine_rank": 0.29,
}

# Set by hand: the sets at hand have none of these.
DEFINES = 2.0  # "X is …" for "what is X"
INSTRUCTS = 1.5  # a list item, a table or a fence for "how do I"
LEADS_IN = 1.5  # what ends with a colon and introduces such a block, for "how do I"
DEFINED = 4.0  # code that defines what the question names
NAMED = 1.5  # code that only mentions it
CODE = 1.5  # given to code if the question speaks of code, else taken
