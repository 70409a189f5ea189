"""Transformers on Yellow: their tables and roles, their runs, and what their code sees."""
