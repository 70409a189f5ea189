"""Yellow: a data platform on PostgreSQL. This module holds what an ``eco.py`` names; drivers load when a job runs."""

from datasurface_yellow.platform import YellowDataPlatform

__all__ = ["YellowDataPlatform"]
