"""More rows for small and imbalanced tables, in pipelines, and the truth about whether they helped."""

from tabgan.augment.comparison import AugmentationReport
from tabgan.augment.estimators import AugmentedClassifier, AugmentedRegressor
from tabgan.augment.oversampling import GANOverSampler
from tabgan.augment.regression import GANRegressionSampler
from tabgan.augment.report import augmentation_report

__all__ = [
    "AugmentationReport",
    "AugmentedClassifier",
    "AugmentedRegressor",
    "GANOverSampler",
    "GANRegressionSampler",
    "augmentation_report",
]
