"""The messages that a model is given, within its context."""
