"""A merge strategy whose store is a dictionary."""
