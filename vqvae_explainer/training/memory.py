"""Memory allocation settings for training."""

import ctypes
import sys

# From glibc's malloc.h.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
LARGEST_MMAP_THRESHOLD = 32 << 20  # the largest value that glibc accepts
TRIM_THRESHOLD = 1 << 30  # free bytes at the end of the heap that are kept


def keep_freed_memory() -> bool:
    """Keep freed memory in the process instead of returning it to the system at every step.

    Each step frees and allocates the same tensors of several megabytes; every page that comes from the system again
    costs a page fault. With the strided architecture this gives 1.3 to 1.5 times as many images per second.

    Returns:
        Whether the setting was applied: only glibc supports it.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return bool(mallopt(M_MMAP_THRESHOLD, LARGEST_MMAP_THRESHOLD)) and bool(mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD))
