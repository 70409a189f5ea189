"""Yellow in the conformance kit: its two strategies, on a server of the kit's own."""
