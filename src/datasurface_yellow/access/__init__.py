"""Who may read what: the matrix that a deployment means, and what roles are found to get."""
