"""Lint: what is wrong or doubtful in a model as a whole."""
