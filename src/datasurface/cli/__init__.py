"""The command line: a command parses, calls one function of ``datasurface.operations``, and renders."""
