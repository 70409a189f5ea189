"""The demonstration: a producer that changes, two platforms that follow it, and a proof of what consumers see."""
