"""What it costs to load, to check and to plan models of any size."""
