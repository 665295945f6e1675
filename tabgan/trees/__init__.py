"""Trees that judge generated rows."""
