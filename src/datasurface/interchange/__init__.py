"""The model as other formats."""
