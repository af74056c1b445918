"""The GGUF files of the models folder."""
