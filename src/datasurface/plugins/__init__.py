"""The seams: hooks that plugins implement, and the manager that finds them."""
