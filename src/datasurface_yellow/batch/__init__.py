"""Batches: their life cycle, their records, and the job that does one."""
