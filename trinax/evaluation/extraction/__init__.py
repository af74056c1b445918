"""How well the extractive answerer answers, and what its weights are fitted to."""
