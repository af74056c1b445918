"""Models that run on other servers: a request goes out, the events of its answer come back."""
