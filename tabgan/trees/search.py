"""Binary search of many numbers at once, each within its own part of an array.

`numpy.searchsorted` goes its way number by number, and a processor mispredicts every second comparison; here
all numbers take one step after the other together, several times as fast.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.intp]


def first_from(
    rising: NDArray[Any],
    start: Places | int,
    size: NDArray[Any] | int,
    wanted: NDArray[Any],
    above: bool = False,
) -> Places:
    """Find the first of a part that is not less than what is wanted, or else the last.

    Parameters
    ----------
    rising : ndarray of shape (k,)
        Rising within each part.
    start, size : int, or ndarray of int, shape (n,)
        Where the part of each wanted number begins, and how long it is: one at least.
    wanted : ndarray of shape (n,)
    above : bool, default=False
        Whether it must be greater.

    Returns
    -------
    ndarray of int, shape (n,)
        Places in `rising`.

    Examples
    --------
    >>> rising = np.array([1.0, 3.0, 5.0, 0.0, 2.0])
    >>> first_from(rising, np.array([0, 0, 3]), np.array([3, 3, 2]), np.array([2.0, 9.0, 0.0])).tolist()
    [1, 2, 3]
    """
    place, last = np.zeros(len(wanted), dtype=np.intp) + start, start + size - 1
    is_less = np.less_equal if above else np.less
    step = 1 << int(np.max(size, initial=1) - 1).bit_length() >> 1
    while step:
        probe = np.minimum(place + (step - 1), last)
        place += is_less(rising.take(probe, mode="clip"), wanted) * step
        step >>= 1
    return np.minimum(place, last)
