"""Folder ↔ index: scan, reconcile, watch."""
