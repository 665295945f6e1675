"""The estimators: one file a synthesizer."""
