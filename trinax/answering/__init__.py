"""Request → one sequence of events: Started, pieces and finishes, Done."""
