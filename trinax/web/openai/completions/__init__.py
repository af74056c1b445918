"""OpenAI's older completions: text continued, or filled in, as it is."""
