"""What milestoning means: the strategies' interface, an oracle in pure Python, and the laws every engine must keep."""
