"""A business at work: creates the producer of the customer360 example, changes it, and writes down every change."""
