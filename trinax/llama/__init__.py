"""llama.cpp as plain Python objects, for whoever runs a GGUF file: this package alone imports it.

Importing llama_cpp takes 0.8 s, so import from here when the first model is needed.
"""
