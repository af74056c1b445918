"""Messages to a model's prompt, and what it writes back to answers, reasoning and calls."""
