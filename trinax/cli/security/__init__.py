"""`trinax doctor --security`: who can reach what."""
