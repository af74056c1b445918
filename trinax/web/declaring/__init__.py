"""What each route takes, gives and raises, said once for its handler and for the document."""
