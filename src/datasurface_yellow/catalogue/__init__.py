"""What is in a database that may become a source: its tables, keys and references, for ``import sql``."""
