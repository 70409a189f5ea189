"""What can go wrong for somebody who reads."""

from datasurface.errors import DataSurfaceError


class NoSuchName(DataSurfaceError, AttributeError, KeyError):
    """No group, dataset or column has this name for the reader, or more than one thing has."""

    __str__ = Exception.__str__  # a KeyError shows its message in quotes


class ReadRefused(DataSurfaceError):
    """What was asked cannot be read as it was asked: by what it is, or as the server says."""
