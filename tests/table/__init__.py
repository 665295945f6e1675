"""Tests of the table wing."""
