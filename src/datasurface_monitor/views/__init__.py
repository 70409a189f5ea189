"""What each page shows: pure functions from values to what its template is rendered with."""
