"""``python -m na64ana`` is the command ``na64ana``."""

from na64ana.cli import main

main()
