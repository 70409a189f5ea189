"""The conformance kit's tests: ``pytest --datasurface-strategy=NAME`` runs them on one merge strategy."""
