"""The command line: turns words into verbs and answers into tables; it calculates nothing."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

#: What a shell reports of a program stopped by Ctrl-C: 128 and the number of the signal.
STOPPED = 130
#: The reader of the output went away; nobody is left to tell.
UNREAD = 1


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command line and exit.

    The exit status is 0, 2 for a command line that cannot be read, that of the error's class
    (`lodestone.terms.errors`), 130 after Ctrl-C, or 1 when the reader of the output went away.
    Errors raised on purpose are printed to the error stream without a traceback; any other
    exception is a defect and keeps its traceback.

    Parameters
    ----------
    arguments
        Words after the program name; those of the process when left out.
    """
    try:
        status = _run(arguments)
    except KeyboardInterrupt:
        sys.stderr.write("lodestone: stopped\n")
        status = STOPPED
    except BrokenPipeError:
        _close_quietly()
        status = UNREAD
    raise SystemExit(status)


def _run(arguments: Sequence[str] | None) -> int:
    import click

    from lodestone.cli.app import app
    from lodestone.terms.errors import LodestoneError

    try:
        # Not standalone: click would turn Ctrl-C and a closed pipe into its own words.
        status = app.main(args=arguments, prog_name="lodestone", standalone_mode=False)
    except LodestoneError as error:
        sys.stderr.write(f"lodestone: {error}\n")
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    return status if isinstance(status, int) else 0


def _close_quietly() -> None:
    """Keep the interpreter from flushing into the closed pipe once more when it ends."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
