"""What it costs to import the packages, as an ``eco.py`` does, and to start the command of a job."""
