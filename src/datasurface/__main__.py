"""``python -m datasurface``: the same as the command ``datasurface``."""

import sys

from datasurface.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
