"""FittedModel: all that a fit leaves for drawing rows, in memory and as the content of a file."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from tabgan.adversarial.device import PRECISIONS, choose_device
from tabgan.adversarial.generator.sampler import Sampler
from tabgan.adversarial.networks import Backbone
from tabgan.adversarial.networks.building import backbone_from_dict, backbone_to_dict, empty_generator
from tabgan.adversarial.training.fidelity import PairFidelity
from tabgan.io.containers import Containers
from tabgan.io.models import Content
from tabgan.private import Guarantee
from tabgan.sampling.completion import complete
from tabgan.sampling.conditions import Conditions
from tabgan.sampling.draw import Drawer
from tabgan.sampling.filters import RowFilter
from tabgan.sampling.grammar import Grammar
from tabgan.sampling.imputation import POOL, Imputation
from tabgan.sampling.privacy import PrivacyRecord
from tabgan.sampling.request import SampleRequest
from tabgan.sampling.shares import Shares
from tabgan.sampling.trial import try_out
from tabgan.table import TableTransformer

ATTRIBUTE = "differential_privacy"  # of frames, and of the header of a file
Seed = int | np.random.RandomState | np.random.SeedSequence | None


class Forks:
    """Counts how often this process was forked off from another that had tabgan loaded."""

    def __init__(self) -> None:
        self.count = 0
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self.add)

    def add(self) -> None:
        """Count one more."""
        self.count += 1


FORKS, SPAWNING = Forks(), threading.Lock()


def number_of(random_state: int | np.random.RandomState | None) -> int:
    """Give what a random stream begins with; None moves no stream of the program's."""
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1)[0] >> np.uint32(1))
    return int(check_random_state(random_state).randint(2**31))


@dataclass(frozen=True)
class FittedModel:
    """A table that was learned; drawing rows changes nothing of it but how far its random stream has come.

    Parameters
    ----------
    transformer : TableTransformer
        Encodes the rows of a table, and decodes them.
    sampler : Sampler
        Draws encoded rows.
    backbone : Backbone
        What built the sampler's generator, and builds it again for the weights of a file.
    containers : Containers
        How X and y came, and so how samples go back.
    privacy_record : PrivacyRecord
        What is remembered of the training rows.
    stream : numpy.random.SeedSequence
        Its children seed the calls that name no seed, but those in a forked child.
    n_forks : int
        `FORKS` of the process that made it.
    guarantee : Guarantee, optional
        Differential privacy, if it was learned so; frames that are drawn say it in their `attrs`.
    n_rows : int, default=0
        Rows that were learned; 0 if that is not public.
    """

    transformer: TableTransformer
    sampler: Sampler
    backbone: Backbone
    containers: Containers
    privacy_record: PrivacyRecord
    stream: np.random.SeedSequence
    n_forks: int = field(default_factory=lambda: FORKS.count, repr=False, compare=False)
    guarantee: Guarantee | None = None
    n_rows: int = 0

    def next_seed(self, random_state: Seed = None) -> np.random.SeedSequence:
        """Give the seed of one call: of `random_state`, or where that is None the next of the stream."""
        if isinstance(random_state, np.random.SeedSequence):
            return np.random.SeedSequence(random_state.entropy, spawn_key=random_state.spawn_key)
        if random_state is not None:
            return np.random.SeedSequence(number_of(random_state))
        if self.n_forks != FORKS.count:  # a child's copy of the stream would give what those of others give
            return np.random.SeedSequence()
        with SPAWNING:
            return self.stream.spawn(1)[0]

    def sample(
        self, n_samples: int | None, request: SampleRequest | None = None, random_state: Seed = None
    ) -> pd.DataFrame:
        """Draw rows of X and y side by side, as a pandas frame whatever X was; see `tabgan.TabGAN.sample`."""
        frame = self._sample(n_samples, request, random_state)
        if self.guarantee is not None:
            frame.attrs[ATTRIBUTE] = self.guarantee.statement()
        return frame

    def _sample(
        self, n_samples: int | None, request: SampleRequest | None, random_state: Seed
    ) -> pd.DataFrame:
        """Draw rows.

        Common conditions are satisfied by rejection, rare ones by sweeps of trees that start from rows that
        rejection gave (:mod:`tabgan.adversarial.generator.conditional`). Rows to complete are
        those of :mod:`tabgan.sampling.completion`.
        """
        request = request or SampleRequest()
        n = request.n_rows(n_samples)
        table = self.transformer
        row_filter = RowFilter(table, self.privacy_record, request.exclude_copies, request.min_distance)
        seed = self.next_seed(random_state)
        if isinstance(request.given, pd.DataFrame):
            return complete(self.imputation, request.given, seed, row_filter)
        drawer = Drawer(table, self.sampler, row_filter)
        given = {} if request.given is None else request.given
        present = [
            name
            for name, column in table.columns_.items()
            if not request.missing and column.can_be_missing() and column.blocks()
        ]
        conditions = Conditions(table, given, present)
        if request.balance is None:
            return drawer.draw_given(n, conditions, seed) if conditions else drawer.draw(n, seed)
        shares = Shares.read(request.balance, Grammar(table))
        if conditions and not isinstance(request.balance, Mapping):  # only cities of a given country
            shares = shares.possible(lambda also: Conditions(table, given, present, also))
        kinds = [Conditions(table, given, present, also) for also in shares.kinds()]
        pool_seed, row_seed = seed.spawn(2)
        pool = drawer.pool(conditions, pool_seed) if n and shares.is_joint else None
        counts = shares.counts(n, pool)
        return drawer.draw_shares(list(zip(kinds, counts.tolist(), strict=True)), row_seed)

    @cached_property
    def imputation(self) -> Imputation:
        """What fills holes, learned from rows of the model at the first call, always the same."""
        return Imputation(self.transformer, self.sample(POOL, random_state=np.random.SeedSequence(0)))

    def score(self, table: pd.DataFrame) -> float:
        """Give the fidelity of newly drawn rows to those of `table`, as :meth:`tabgan.TabGAN.score` does."""
        layout = self.transformer.layout_
        codes = self.transformer.transform(table, random_state=0, unseen="ignore")
        if not len(layout):
            return 1.0
        fidelity = PairFidelity(codes, layout)
        return fidelity(self.sampler.rows(fidelity.n_rows, np.random.SeedSequence(0)))

    def to_content(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Give all of it as JSON-able data and arrays.

        Raises
        ------
        ValueError
            If an object of the user's is part of it that no file can hold.
        """
        table, table_arrays = self.transformer.get_state()
        header = {
            "table": table,
            "generator": {
                "backbone": backbone_to_dict(self.backbone),
                "precision": self.sampler.precision,
            },
            "containers": self.containers.to_dict(),
            "n_rows": self.n_rows,
            "stream": {
                "entropy": self.stream.entropy,
                "spawn_key": list(self.stream.spawn_key),
                "n_children_spawned": self.stream.n_children_spawned,
            },
        }
        if self.guarantee is not None:
            header[ATTRIBUTE] = self.guarantee.to_dict()
        parts = {
            "table": table_arrays,
            "sampler": self.sampler.get_state(),
            "privacy": self.privacy_record.arrays,
        }
        return header, {f"{part}.{key}": array for part in parts for key, array in parts[part].items()}

    @classmethod
    def from_content(cls, header: Content, arrays: Content, device: str = "auto") -> FittedModel:
        """Undo `to_content`, on a device.

        Raises
        ------
        ValueError
            If the content lacks something, or holds what no `fit` leaves; some rows are drawn on trial.
        """
        with header.blamed():
            return cls._from_content(header, arrays, device)

    @classmethod
    def _from_content(cls, header: Content, arrays: Content, device: str) -> FittedModel:
        header.check({"table": dict, "generator": dict, "containers": dict, "stream": dict, "n_rows": int})
        if not 0 <= header["n_rows"] < 2**63:
            header.refuse(f"has n_rows={header['n_rows']}")
        stream = header["stream"]
        stream.check({"entropy": int, "spawn_key": list, "n_children_spawned": int})
        numbers = [stream["entropy"], stream["n_children_spawned"], *stream["spawn_key"]]
        if not all(type(number) is int and 0 <= number < 2**128 for number in numbers):
            header.refuse(f"has stream={dict(stream)!r:.80}")
        transformer = TableTransformer.from_state(header["table"], arrays.under("table."))
        model = cls(
            transformer,
            _sampler_of(header["generator"], arrays.under("sampler."), transformer, device),
            backbone_from_dict(header["generator"]["backbone"]),
            Containers.from_dict(header["containers"]),
            PrivacyRecord(transformer, arrays.under("privacy.")),
            np.random.SeedSequence(**{**stream, "spawn_key": tuple(stream["spawn_key"])}),
            guarantee=Guarantee.from_dict(header[ATTRIBUTE]) if ATTRIBUTE in header else None,
            n_rows=header["n_rows"],
        )
        try_out(transformer, model.sampler, model.containers, model.privacy_record)
        return model


def _sampler_of(header: Content, arrays: Content, transformer: TableTransformer, device: str) -> Sampler:
    """Build the generator, and put weights and calibration into it."""
    header.check({"backbone": dict, "precision": str})
    if header["precision"] not in PRECISIONS:
        header.refuse(f"has precision={header['precision']!r:.80}")
    backbone, chosen = backbone_from_dict(header["backbone"]), choose_device(device)
    layout, weights = transformer.layout_, arrays.under("generator.")
    if layout.width > sum(array.size for array in weights.values()):
        arrays.refuse(f"has fewer weights than its rows have positions ({layout.width})")
    generator = empty_generator(backbone, layout)
    for name, weight in generator.state_dict().items():
        if weights[name].shape != tuple(weight.shape):
            arrays.refuse(
                f"has weights {name!r} of shape {weights[name].shape} where {tuple(weight.shape)} is needed"
            )
        if not np.isfinite(weights[name]).all():
            arrays.refuse(f"has weights {name!r} that are not finite")
        weights[name] = torch.from_numpy(np.array(weights[name])).to(weight.dtype)
    generator.load_state_dict(weights, assign=True)
    generator.to(chosen).eval().requires_grad_(False)
    sampler = Sampler(generator, backbone.latent_dim, tuple(layout), chosen, header["precision"])
    sampler.set_state(arrays)
    return sampler
