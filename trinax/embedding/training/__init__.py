"""How the built-in model and its ranks were made; nothing here runs in the server."""
