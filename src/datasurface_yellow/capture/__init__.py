"""Capture: reading a producer, one consistent snapshot at a time."""
