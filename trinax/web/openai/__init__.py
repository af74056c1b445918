"""The OpenAI-shaped surface."""
