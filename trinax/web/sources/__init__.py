"""Browsing what is indexed."""
