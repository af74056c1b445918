"""What runs tokens: the catalogue, llama.cpp, the built-in extractive answerer."""
