"""What a laptop needs to run the platform: an embedded Postgres, a scheduler, the demo."""
