"""How fast folders become searchable, and what it costs those who search meanwhile."""
