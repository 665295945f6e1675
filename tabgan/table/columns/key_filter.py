"""A filter of known keys: it never misses one of them, and tells next to nothing about any."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FULLEST = 0.8  # share of bits that are set; of few keys, it may be more than a half


@dataclass(frozen=True)
class KeyFilter:
    """An array of bits, half of them set: a Bloom filter of one hash function (Bloom, 1970).

    A key whose bit is not set was not in the training column. A key whose bit is set may have been: of the
    keys that were not there, half have a set bit, too, so that the bit at most doubles the odds for a guess.
    Only who guesses a key can ask, and no key can be read out of the bits.

    Parameters
    ----------
    bits : ndarray of uint8
        Eight bits a byte.
    n_bits : int
    salt : str
        Makes the bits of two columns independent of each other.

    Examples
    --------
    >>> known = KeyFilter.of(["A17", "B04"], "customer")
    >>> known.hits(["A17", "B04"]).tolist()
    [True, True]
    """

    bits: NDArray[np.uint8]
    n_bits: int
    salt: str

    def __post_init__(self) -> None:
        if not isinstance(self.n_bits, int) or self.bits.shape != (-(-self.n_bits // 8),):
            raise ValueError(f"a filter of {self.n_bits} bits has an array of shape {self.bits.shape}")
        if np.unpackbits(self.bits, count=self.n_bits).mean() > FULLEST:
            raise ValueError("a filter has so many bits set that it takes nearly every key for a known one")

    @classmethod
    def of(cls, keys: list[str], salt: str) -> KeyFilter:
        """Learn n keys, in some 1.44 n bits."""
        n_bits = max(8, round(len(set(keys)) / math.log(2)))
        bits = np.zeros(n_bits, dtype=bool)
        bits[_places(keys, n_bits, salt)] = True
        return cls(np.packbits(bits), n_bits, salt)

    def hits(self, keys: list[str] | NDArray[Any]) -> NDArray[np.bool_]:
        """Tell which of n keys may be known, shape (n,): all that are, and half of the others."""
        places = _places(keys, self.n_bits, self.salt)
        return (self.bits[places >> 3] >> (7 - (places & 7)).astype(np.uint8) & 1).astype(bool)


def _places(keys: list[str] | NDArray[Any], n_bits: int, salt: str) -> NDArray[np.int64]:
    """Give the place of each key's bit, by a hash function that the salt chooses (SipHash)."""
    array = np.empty(len(keys), dtype=object)
    # pandas hashes what stands before a NUL; so one is written as two bytes that occur nowhere else
    array[:] = [key.encode(errors="surrogatepass").replace(b"\0", b"\xc0\x80") for key in keys]
    key = hashlib.sha256(f"tabgan {salt}".encode(errors="surrogatepass")).hexdigest()[:16]
    hashes = pd.util.hash_array(array, hash_key=key, categorize=False)
    return (hashes % np.uint64(n_bits)).astype(np.int64)
