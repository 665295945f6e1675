"""What a table is: its schema, and the way from a DataFrame to an encoded matrix and back."""

from tabgan.table.layout import Block, Layout

__all__ = ["Block", "Layout"]
