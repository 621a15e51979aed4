"""Lets `python -m axone` do what `axone` does."""

import sys

from axone.cli import main

if __name__ == "__main__":
    sys.exit(main())
