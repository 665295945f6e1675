"""Trees that tell generated rows from real ones."""
