"""Benchmarks: programs that measure and print. They assert no target; a machine that is busy shows in the spread."""
