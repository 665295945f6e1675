"""``python -m tabgan.cli`` is the command `tabgan`."""

from tabgan.cli import main

main()
