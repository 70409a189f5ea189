"""OpenLineage: what jobs read and write, column by column, as events for a catalogue of lineage."""
