"""The Responses API: one stateless answer as items, whole or as events."""
