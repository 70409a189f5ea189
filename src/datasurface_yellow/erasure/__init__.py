"""Data leaves a platform: persons are forgotten, and history that nobody needs any longer is pruned."""
