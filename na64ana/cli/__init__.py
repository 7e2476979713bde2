"""The command line: thin commands around the library, one file per family."""

from na64ana.cli.main import main

__all__ = ["main"]
