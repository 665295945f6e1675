"""The command line: demo, fit, sample, evaluate, info and schema; an error gets one line and exit code 2."""

import os
import sys
from collections.abc import Sequence

import click

from tabgan._version import __version__
from tabgan.cli import demo, describe, evaluate, fit, sample

__all__ = ["main"]

# What each command needs beyond this is imported when it runs: `tabgan --help` should not wait for torch.


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 if all went well, 1 if a score is too low, 2 after an error."""
    # Threads that wait for each other should not keep the processor busy: beside other programs they would
    # train several times slower. torch and scikit-learn read this when they are first imported.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        status = tabgan.main(args=arguments, prog_name="tabgan", standalone_mode=False)
    except click.Abort as abort:
        reason = str(abort.__cause__ or "") or "interrupted"
        click.echo(f"tabgan: {reason}", err=True)
        sys.exit(130)  # what a shell reports after Ctrl-C
    except click.ClickException as error:
        _fail(error.format_message())
    except (ValueError, TypeError, OSError, ArithmeticError, RuntimeError) as error:
        _fail(str(error))
    except MemoryError as error:
        _fail(f"there is not enough memory {error}")
    sys.exit(status if isinstance(status, int) else 0)


def _fail(message: str) -> None:
    written = message.encode(
        "utf-8", "backslashreplace"
    ).decode()  # names of files may hold what UTF-8 does not
    click.echo(f"tabgan: {' '.join(written.split())}", err=True)
    sys.exit(2)


@click.group(invoke_without_command=True, context_settings={"show_default": True})
@click.version_option(__version__, prog_name="tabgan", message="%(prog)s %(version)s")
@click.pass_context
def tabgan(context: click.Context) -> None:
    """Make synthetic tables that behave like a real one, and tell how well they do."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
        context.exit(2)


for command in (demo.demo, fit.fit, sample.sample, evaluate.evaluate, describe.info, describe.schema):
    tabgan.add_command(command)
