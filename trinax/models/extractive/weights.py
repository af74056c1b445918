"""What each feature of an excerpt is worth."""

from collections.abc import Mapping

# Listwise logistic regression on 4 000 questions of SQuAD 1.1 with what retrieval finds for them
# among 2 067 paragraphs: `python -m trinax.evaluation.extractive DIR --sample 4000 --fit`.
FITTED: Mapping[str, float] = {
    "score": 5.10,
    "own": -1.04,
    "long": 0.35,
    "previous": 2.78,
    "next": 0.78,
    "context": 2.39,
    "names": -1.72,
    "names_context": 1.03,
    "prefix": 0.82,
    "pairs": 2.83,
    "number": 1.72,
    "date": 2.38,
    "name": 0.47,
    "near": 1.64,
    "focus": 0.25,
    "length": -0.70,
    "new": 0.80,
    "short": -2.37,
    "first": 0.10,
    "cosine": 2.06,
    "cosine_rank": 0.41,
}

# Set by hand: the sets at hand have none of these.
DEFINES = 2.0  # "X is …" for "what is X"
INSTRUCTS = 1.5  # a list item, a table or a fence for "how do I"
LEADS_IN = 1.5  # what ends with a colon and introduces such a block, for "how do I"
DEFINED = 4.0  # code that defines what the question names
NAMED = 1.5  # code that only mentions it
CODE = 1.5  # given to code if the question speaks of code, else taken
