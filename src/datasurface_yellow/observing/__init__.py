"""A platform's work as its own tables tell it: nothing here writes."""
