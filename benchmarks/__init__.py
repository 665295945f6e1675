"""Measurements of tabgan on real tables: one command a table, one results file."""
