"""How long batches take and how much memory their jobs need, beside the bare copy of the same table."""
