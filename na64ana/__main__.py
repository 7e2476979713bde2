"""Where the command ``na64ana`` begins, and ``python -m na64ana``."""

from __future__ import annotations

import sys

__all__ = ["start"]


def start() -> None:
    """Run the command line; Ctrl-C ends it quietly, also while it is still being imported."""
    try:
        from na64ana.cli import main

        main()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    start()
