"""Other stores, each behind one surface, for the bench of a store."""
