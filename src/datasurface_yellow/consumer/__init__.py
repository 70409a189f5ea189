"""Databases of consumers' own: views that read the merge database from there, and nothing else of it."""
