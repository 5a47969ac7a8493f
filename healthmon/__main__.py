"""Run healthmon as ``python -m healthmon``."""

import sys

from healthmon.cli import main

if __name__ == "__main__":
    sys.exit(main())
