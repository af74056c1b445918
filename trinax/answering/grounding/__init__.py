"""What carries an answer: sources, citations, spans, support."""
