"""Freed memory is kept for the next basket, where the C library would give it back each time.

A decompressed basket has some megabytes. glibc returns so much to the system when it is freed, and
each page of 4 kB that is asked for again costs a fault: a tenth of a pass over an ntuple.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache

__all__ = ["keep_freed_memory"]

#: parameters of glibc's mallopt (malloc.h)
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
#: largest block that is taken from the heap, which is what can be kept; old glibc takes no more
_BLOCK = 32 << 20
#: free memory at the end of the heap above which it is given back all the same
_KEPT = 256 << 20


@cache
def keep_freed_memory() -> bool:
    """Let this process keep up to 256 MB of freed memory; False where that cannot be asked for."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):  # another C library than glibc
        return False
    return bool(mallopt(_MMAP_THRESHOLD, _BLOCK) and mallopt(_TRIM_THRESHOLD, _KEPT))
