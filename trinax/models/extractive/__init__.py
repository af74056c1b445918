"""The built-in answerer, which quotes."""
