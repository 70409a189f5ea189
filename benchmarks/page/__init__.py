"""The page of figures in the documentation, written from the files that the benchmarks write."""
