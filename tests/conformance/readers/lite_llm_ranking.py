"""litellm, which ranks through the clients of several makers.

    python -m tests.conformance.readers.lite_llm_ranking URL MODEL…

prints for each model the places of the documents, best first, and the text of the best.
"""

import json
import os
import sys

# Its list of prices is fetched at import otherwise.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import importlib

litellm = importlib.import_module("litellm")

QUERY = "Who is the keeper of the lighthouse?"
DOCUMENTS = [
    "Boil the beetroot for an hour.",
    "The lamp of the lighthouse burns paraffin.",
    "The keeper of the lighthouse is called Marta Lindqvist.",
]


def ranked(url: str, model: str) -> tuple[list[int], str]:
    answer = litellm.rerank(
        model=model,
        query=QUERY,
        documents=DOCUMENTS,
        top_n=2,
        return_documents=True,
        api_base=url,
        api_key="none",
    )
    results = answer.results
    return [each["index"] for each in results], results[0]["document"]["text"]


if __name__ == "__main__":
    print(json.dumps([ranked(sys.argv[1], model) for model in sys.argv[2:]]))
