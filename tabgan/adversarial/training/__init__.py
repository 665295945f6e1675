"""Training: losses, the loop, and what watches it."""
