"""Synthetic tables of mixed columns by adversarial networks: the public names, loaded when asked for."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tabgan._version import __version__

# Where each public name lives. A name is imported the first time it is asked for, so that `import tabgan`
# itself needs neither torch nor matplotlib and stays fast.
_HOMES = {
    "Adam": "tabgan.adversarial.training.settings",
    "AugmentedClassifier": "tabgan.augment",
    "AugmentedRegressor": "tabgan.augment",
    "ConstantSum": "tabgan.table",
    "DPTabGAN": "tabgan.estimators.private",
    "Fake": "tabgan.table",
    "FixedCombinations": "tabgan.table",
    "GANOverSampler": "tabgan.augment",
    "GANRegressionSampler": "tabgan.augment",
    "Inequality": "tabgan.table",
    "MissingTogether": "tabgan.table",
    "Not": "tabgan.sampling.column_conditions",
    "OneHotGroup": "tabgan.table",
    "Predicate": "tabgan.table",
    "Privacy": "tabgan.estimators.parameters",
    "Range": "tabgan.table",
    "Report": "tabgan.evaluation",
    "Schema": "tabgan.table",
    "Sum": "tabgan.table",
    "TabGAN": "tabgan.estimators.gan",
    "TabGANImputer": "tabgan.estimators.imputer",
    "TabVAE": "tabgan.estimators.vae",
    "Unique": "tabgan.table",
    "Validation": "tabgan.adversarial.training.settings",
    "augmentation_report": "tabgan.augment",
    "evaluate": "tabgan.evaluation",
    "load": "tabgan.estimators.loading",
    "load_adult": "tabgan.datasets",
    "load_iris": "tabgan.datasets",
    "sample_dask": "tabgan.sampling.to_dask",
    "suggest_constraints": "tabgan.table",
}

if TYPE_CHECKING:
    from tabgan.adversarial.training.settings import Adam, Validation
    from tabgan.augment import (
        AugmentedClassifier,
        AugmentedRegressor,
        GANOverSampler,
        GANRegressionSampler,
        augmentation_report,
    )
    from tabgan.datasets import load_adult, load_iris
    from tabgan.estimators.gan import TabGAN
    from tabgan.estimators.imputer import TabGANImputer
    from tabgan.estimators.loading import load
    from tabgan.estimators.parameters import Privacy
    from tabgan.estimators.private import DPTabGAN
    from tabgan.estimators.vae import TabVAE
    from tabgan.evaluation import Report, evaluate
    from tabgan.sampling.column_conditions import Not
    from tabgan.sampling.to_dask import sample_dask
    from tabgan.table import (
        ConstantSum,
        Fake,
        FixedCombinations,
        Inequality,
        MissingTogether,
        OneHotGroup,
        Predicate,
        Range,
        Schema,
        Sum,
        Unique,
        suggest_constraints,
    )

__all__ = [
    "Adam",
    "AugmentedClassifier",
    "AugmentedRegressor",
    "ConstantSum",
    "DPTabGAN",
    "Fake",
    "FixedCombinations",
    "GANOverSampler",
    "GANRegressionSampler",
    "Inequality",
    "MissingTogether",
    "Not",
    "OneHotGroup",
    "Predicate",
    "Privacy",
    "Range",
    "Report",
    "Schema",
    "Sum",
    "TabGAN",
    "TabGANImputer",
    "TabVAE",
    "Unique",
    "Validation",
    "__version__",
    "augmentation_report",
    "evaluate",
    "load",
    "load_adult",
    "load_iris",
    "sample_dask",
    "suggest_constraints",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its home and keep it here (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'tabgan' has no attribute {name!r}; it has {', '.join(__all__)}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Tell completion in an interactive session about the names not imported yet."""
    return sorted({*globals(), *__all__})
