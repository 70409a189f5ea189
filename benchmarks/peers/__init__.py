"""Other products that keep live copies or histories of tables, on the same tables and in the same run as we."""
