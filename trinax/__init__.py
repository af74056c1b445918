"""A self-hosted RAG server: folders in, answers with citations that can be checked out."""

__version__ = "0.1.0"
