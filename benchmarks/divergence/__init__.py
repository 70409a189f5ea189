"""Sequences of snapshots that lead histories astray, and who ends with the right one."""
