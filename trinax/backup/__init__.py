"""A data folder and the documents that were put into it as one file, and back."""
