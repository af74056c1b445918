"""trinax's own API, and the task lane for tools."""
