"""The separate process that runs a user's ``eco.py``: both sides of it."""
