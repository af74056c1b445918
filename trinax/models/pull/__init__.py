"""Models of a hub brought into the models folder, whole and verified."""
