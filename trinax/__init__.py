"""A self-hosted RAG server: folders in, answers with citations that can be checked out."""

import os

__version__ = "0.1.0"

# Before NumPy is imported. A search multiplies small matrices: a second thread makes that no
# faster, waits busily for the next one, and is waited for where its core has other work.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
