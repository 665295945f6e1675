"""``python -m tabgan`` is the command line, also for ``torchrun -m tabgan``."""

from tabgan.cli import main

if __name__ == "__main__":
    main()
