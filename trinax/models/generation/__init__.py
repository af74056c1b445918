"""Text from a GGUF file: many answers at once on one model."""
