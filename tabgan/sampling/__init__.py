"""From a fitted model to rows of a table."""
