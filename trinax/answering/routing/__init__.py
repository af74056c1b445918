"""Which model answers a request, and why."""
