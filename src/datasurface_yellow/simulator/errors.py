"""The simulator's errors.

DataSurfaceError
├── SimulatorError               the simulator cannot go on: no connection, no tables, nothing left to change
└── ChangeLogError               the log of changes cannot be read, written, or replayed on this data
"""

from datasurface.errors import DataSurfaceError


class SimulatorError(DataSurfaceError):
    """The simulator cannot start or go on."""


class ChangeLogError(DataSurfaceError):
    """The log of changes cannot be read or written, or does not fit the data that it is replayed on."""
