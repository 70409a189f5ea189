"""The portable reader: databases that SQLAlchemy speaks to, read row by row."""
