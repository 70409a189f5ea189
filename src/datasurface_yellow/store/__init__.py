"""PostgreSQL: connections, names, types, quoting, statements from ``.sql.j2`` files, the platform's own tables."""
