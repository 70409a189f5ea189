"""Where the customer360 example lies."""

from pathlib import Path

from datasurface_yellow.simulator.errors import SimulatorError

_PACKAGE = Path(__file__).parents[1]


def example_folder() -> Path:
    """The folder with the model, its mapping and the producer's SQL: in an installed wheel, else the repository's."""
    for folder in (_PACKAGE / "local" / "customer360", _PACKAGE.parents[1] / "examples" / "customer360"):
        if (folder / "producer.sql").is_file():
            return folder
    raise SimulatorError(
        "the customer360 example is not installed", hint="install datasurface from its wheel, or run it from a clone"
    )
