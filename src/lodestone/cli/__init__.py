"""The command line: turns words into verbs and answers into tables; it calculates nothing."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command line and exit.

    The exit status is 0, 2 for a command line that cannot be read, or that of the error's
    class (`lodestone.terms.errors`). Errors raised on purpose are printed to the error stream
    without a traceback; any other exception is a defect and keeps its traceback.

    Parameters
    ----------
    arguments
        Words after the program name; those of the process when left out.
    """
    from lodestone.cli.app import app
    from lodestone.terms.errors import LodestoneError

    try:
        app(args=arguments, prog_name="lodestone")
    except LodestoneError as error:
        sys.stderr.write(f"lodestone: {error}\n")
        raise SystemExit(error.exit_code) from None
