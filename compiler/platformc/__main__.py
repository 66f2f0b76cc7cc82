"""Lets `python -m platformc` do what `platformc` does."""

import sys

from platformc.cli import main

sys.exit(main())
