"""Whole numbers as keys: a range to draw new ones from, all different, as densely as the known ones lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tabgan.table.columns.base import Part

DENSE = 0.5  # share of a range from which on keys count as running numbers
SPARE, LEAST_SHARE = 4, 64  # a part has room for so many times its keys: most others may be known
Limits = tuple[int, int]  # the least and the greatest possible number
FAR = (-(2**200), 2**200)
LONGEST = 2**63 - 1  # distance that an int64 holds


@dataclass(frozen=True)
class NumberRange:
    """Where new keys come from.

    Running numbers continue after the greatest known one. Others are drawn between the bounds of the known
    ones, rounded outwards; who draws leaves the known ones out.

    Parameters
    ----------
    low : int
        The first possible key.
    span : int
        How many numbers there are from the least to the greatest known key.
    count : int
        How many keys were known.
    is_running : bool
        Whether they are running numbers, so that all from `low` on are new.
    is_sorted : bool
        Whether keys rise from row to row.
    step : int
        All keys are multiples of it beyond the first one; of these alone `span` and `count` are numbers.
    """

    low: int
    span: int
    count: int
    is_running: bool
    is_sorted: bool
    step: int = 1

    @classmethod
    def of(cls, numbers: list[int], is_sorted: bool, limits: Limits = FAR, step: int = 1) -> NumberRange:
        """Learn where n different numbers lie, within limits and on a grid."""
        if step > 1:
            rest = numbers[0] % step
            places = [number // step for number in numbers]
            found = cls.of(places, is_sorted, _places(limits, rest, step))
            return replace(found, low=found.low * step + rest, step=step)
        low, high = min(numbers), max(numbers)
        span = high - low + 1
        if len(numbers) >= DENSE * span:
            return cls(high + 1, span, len(numbers), True, is_sorted)
        step = 10 ** max(1, len(str(span)) - 2)
        first = max(low // step * step, limits[0], 1 if low > 0 else limits[0])
        last = min(-(-(high + 1) // step) * step - 1, limits[1])
        return cls(first, last - first + 1, len(numbers), False, is_sorted)

    def draw(
        self,
        n: int,
        rng: np.random.Generator,
        part: Part,
        is_known: Callable[[NDArray[np.int64]], NDArray[np.bool_]],
        limits: Limits = FAR,
    ) -> NDArray[np.int64]:
        """Draw n different numbers within limits, less `low`; those of two parts of a sample differ.

        Raises
        ------
        ValueError
            If there are too few.
        """
        if self.step > 1:
            rest = self.low % self.step
            places, step = replace(self, low=self.low // self.step, step=1), self.step
            limits = max(limits[0], self.low - LONGEST), min(limits[1], self.low + LONGEST)
            return step * places.draw(
                n, rng, part, lambda drawn: is_known(step * drawn), _places(limits, rest, step)
            )
        place, n_parts, most = part
        total = n_parts * max(n, most)
        room = min(self._room(limits), LONGEST)
        dense = -(-total * self.span // self.count)
        # Room enough, so that all parts take the same span.
        spacious = n_parts * (SPARE * max(n, most) + LEAST_SHARE) if n_parts > 1 else 0
        span = dense if self.is_running else max(self.span, dense, spacious)
        tries = n if self.is_running else 2 * n + 100
        while (share := min(span, room) // n_parts) >= n or span < room:
            drawn = rng.choice(share, size=min(share, tries), replace=False)
            # Sorted keys rise from part to part; others are spread over the whole range, by remainders.
            drawn = drawn + place * share if self.is_sorted else place + n_parts * drawn
            if not self.is_running:
                drawn = drawn[~is_known(drawn)]
            if len(drawn) >= n:
                drawn = self._turn(drawn[:n], limits)
                return np.sort(drawn) if self.is_sorted else drawn
            if tries >= share and span >= room:
                break
            tries, span = (2 * tries, span) if tries < share else (tries, 2 * span)
        raise ValueError(f"there is no room for {total} new keys beside the known ones")

    def _room(self, limits: Limits) -> int:
        """How many numbers there are: those from `low` on, and below the least known key if all are known."""
        below = max(0, self.low - self.span - limits[0]) if self.is_running else 0
        return max(0, limits[1] - self.low + 1) + below

    def _turn(self, drawn: NDArray[np.int64], limits: Limits) -> NDArray[np.int64]:
        """Move what lies above the greatest number below the least known key."""
        above = limits[1] - self.low + 1
        if above > LONGEST:
            return drawn
        return np.where(drawn >= above, above - 1 - self.span - drawn, drawn)


def _places(limits: Limits, rest: int, step: int) -> Limits:
    """Give the first and the last multiple of a step, as its place, that lies within limits with a rest."""
    return -(-(limits[0] - rest) // step), (limits[1] - rest) // step
