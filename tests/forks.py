"""Processes of their own that need not import anything: forks of one that has imported what is slow."""

import multiprocessing

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        "matplotlib.pyplot",
        "sklearn.ensemble",
        "tabgan.evaluation",
        "tabgan.estimators.loading",
        "torch._dynamo",
    ]
)
