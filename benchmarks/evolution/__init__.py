"""What changes of a model cost on a table that has rows and a history, and whom they keep waiting."""
