"""What is measured of platforms at work, for tools that watch them."""
