"""Lets `python -m compiler` do what `platformc` does."""

import sys

from compiler.cli import main

sys.exit(main())
