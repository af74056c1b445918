"""A collection's store: dense vectors and BM25 terms of its chunks."""
