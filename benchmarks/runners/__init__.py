"""One file a method: how to fit it, and how to draw rows of it.

Each file runs in the Python that has its package, and defines

    fit(train, meta, seed, **parameters) -> (sample, notes)

where ``train`` is the DataFrame, ``meta`` what is known of it (task, target, numerical, categorical),
``sample(n)`` gives a DataFrame of n new rows, and ``notes`` is a dictionary that is written into the results.
What takes long to import is imported at the top, so that it is not counted as fitting.
"""

OWN = "tabgan-torch"

# Method -> the package that brings it. The simple ones are a few lines here over what tabgan itself needs.
SIMPLE = {
    "cart": "scikit-learn",
    "forests": "scikit-learn",
    "gaussian_copula": "scipy",
    "smote": "scikit-learn",
    "bootstrap": "pandas",
}
RUNNERS = {
    "tabgan": OWN,
    "tabvae": OWN,
    **SIMPLE,
    "ctgan": "ctgan",
    "tvae": "ctgan",
    "tabularargn": "mostlyai-engine",
    "arfpy": "arfpy",
    "unmasking_trees": "utrees",
    "forest_diffusion": "ForestDiffusion",
}
