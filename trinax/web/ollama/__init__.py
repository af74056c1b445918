"""The Ollama-shaped surface."""
