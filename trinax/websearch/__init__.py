"""A question → results and pages of the web."""
