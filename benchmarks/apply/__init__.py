"""What it costs to apply large models, and small changes of them."""
