"""Collections as OpenAI's vector stores: searched, and listed."""
