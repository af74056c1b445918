"""Bytes → text with positions → chunks."""
