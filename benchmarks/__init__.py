"""Measurements of tabgan and its peers on real tables.

==============================  ====================================================================
``python -m benchmarks.fetch``  download public tables, and split them
``python -m benchmarks``        fit, sample and judge tabgan on tables, and append to a results file
``python -m benchmarks.peers``  the same for tabgan and its peers, side by side in one run
``python -m benchmarks.judge``  judge a synthetic table, whatever generated it
``python -m benchmarks.small``  methods that learn from few rows of many tables
``python -m benchmarks.gpu``    a GPU against the CPU
``python -m benchmarks.width``  CPU time of a training step from 10 to 1,000 columns
``python -m benchmarks.table``  print what the results file holds as Markdown
==============================  ====================================================================

Behind them: :mod:`~benchmarks.runners` (one file a method), :mod:`~benchmarks.measuring` (one fit and its
judgement), :mod:`~benchmarks.folders` (tables on disk) and :mod:`~benchmarks.results` (the file).
"""
