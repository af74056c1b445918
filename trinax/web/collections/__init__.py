"""Collections: which there are, how far their indexing is, and what can be done with them."""
