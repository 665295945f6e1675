"""Measurements of tabgan and its peers on real tables.

==============================  ====================================================================
``python -m benchmarks``        fit, sample and score tabgan on tables, and append to a results file
``python -m benchmarks.peers``  the same for tabgan and its peers, side by side in one run
``python -m benchmarks.width``  CPU time of a training step from 10 to 1,000 columns
``python -m benchmarks.table``  print what the results file holds as Markdown
==============================  ====================================================================

Behind them: :mod:`~benchmarks.runners` (one file a method), :mod:`~benchmarks.measuring` (one fit and its
judgement), :mod:`~benchmarks.folders` (tables on disk) and :mod:`~benchmarks.results` (the file).
"""
