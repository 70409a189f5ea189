"""The Open Data Contract Standard: a datastore as a contract, and a contract as a datastore.

What both sides have a word for is written in the standard's words. What only a model has stands in the contract's
custom properties, whose names begin with ``datasurface.``, so that a contract that we wrote comes back as the datastore
that it was.
"""
