"""What a sampler says about itself, as imbalanced-learn's checks read it."""

from __future__ import annotations

from dataclasses import dataclass, field

from sklearn.utils import InputTags, Tags, TargetTags


@dataclass(slots=True)
class _InputTags(InputTags):
    """What imbalanced-learn's checks ask beside scikit-learn's: whether frames are taken."""

    dataframe: bool = True


@dataclass(slots=True)
class _Indices:
    """Whether `sample_indices_` says which real rows were taken."""

    sample_indices: bool = False


@dataclass(slots=True)
class SamplerTags(Tags):
    """Tags of a sampler, as imbalanced-learn reads them."""

    estimator_type: str | None = "sampler"
    target_tags: TargetTags = field(default_factory=lambda: TargetTags(required=True))
    input_tags: InputTags = field(
        default_factory=lambda: _InputTags(allow_nan=True, categorical=True, string=True)
    )
    sampler_tags: _Indices = field(default_factory=_Indices)
