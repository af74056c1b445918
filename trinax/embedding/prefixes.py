"""What a model was trained to read before a question and before a passage."""

# By general.architecture or a part of general.name; from the models' own cards. No GGUF says it.
_BY_ARCHITECTURE = {
    "nomic-bert": ("search_query: ", "search_document: "),
    "nomic-bert-moe": ("search_query: ", "search_document: "),
    "gemma-embedding": ("task: search result | query: ", "title: none | text: "),
}
_BY_NAME = {
    "e5-": ("query: ", "passage: "),
    "bge-small-en": ("Represent this sentence for searching relevant passages: ", ""),
    "bge-base-en": ("Represent this sentence for searching relevant passages: ", ""),
    "bge-large-en": ("Represent this sentence for searching relevant passages: ", ""),
    "mxbai-embed": ("Represent this sentence for searching relevant passages: ", ""),
    "arctic-embed": ("Represent this sentence for searching relevant passages: ", ""),
    "qwen3-embedding": (
        "Instruct: Given a web search query, retrieve relevant passages that answer the query\n"
        "Query:",
        "",
    ),
}


def prefixes(architecture: str, name: str) -> tuple[str, str]:
    """(before a question, before a passage); empty for a model that is not known to want any."""
    spoken = name.lower().replace(" ", "-").replace("_", "-")
    for part, pair in _BY_NAME.items():
        if part in spoken:
            return pair
    return _BY_ARCHITECTURE.get(architecture, ("", ""))
