"""How long the monitor's page takes where there are many streams."""
