"""What the commands do, as functions: they take values and return values, and print nothing."""
