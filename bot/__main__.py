"""`python -m bot` is `citegram`, for where the project is not installed."""

import sys

from bot.cli import main

if __name__ == "__main__":
    sys.exit(main())
