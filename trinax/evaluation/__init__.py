"""Datasets, metrics and the bench."""
