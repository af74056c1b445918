"""Request → one sequence of events: Started, Delta…, Done."""
