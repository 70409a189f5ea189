"""What an analyst reads by in a notebook: datasets of a workspace as objects, and their rows as tables of Arrow."""
