"""Run healthmon as ``python -m healthmon``."""

from healthmon.cli import run

if __name__ == "__main__":
    run()
