"""Merging: from the snapshot of a source to the rows that consumers read."""
