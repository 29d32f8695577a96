"""Commands about the data itself: build, verify, fetch, sources, what is unseen.

The desk is imported inside the commands: `lodestone --help` loads none of the sciences.
"""

from __future__ import annotations

from pathlib import Path

import click

from lodestone.cli.options import FILE, FOLDER, answer_shown, form_asked, output_asked
from lodestone.cli.render import Form


@click.group()
def data() -> None:
    """Build, verify and fetch the data."""


@data.command("build")
@click.option("--raw", type=FOLDER, metavar="FOLDER", help="The publishers' files.")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Where to write: a folder (release), with --table a file (table.parquet).",
)
@click.option(
    "--baci",
    type=FILE,
    metavar="ZIP",
    help="A full BACI archive of any HS revision, as downloaded from CEPII; lifts grades.",
)
@click.option(
    "--table",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="An input-output table of your own, instead of --raw.",
)
@click.option(
    "--layout",
    type=click.Choice(("lodestone", "icio", "figaro", "wiod")),
    default="lodestone",
    show_default=True,
    help="How the table is laid out.",
)
@click.option("--place", metavar="PLACE", help="Whose economy to take out of the table.")
@click.option("--year", type=int, metavar="YEAR", help="Year of the table.")
@click.option("--currency", metavar="CODE", help="Currency of a table laid out as lodestone; USD.")
@form_asked
def data_build(
    raw: Path | None,
    out: Path | None,
    baci: Path | None,
    table: Path | None,
    layout: str,
    place: str | None,
    year: int | None,
    currency: str | None,
    form: Form | None,
) -> None:
    """Turn raw files into a data release, or a table of your own into one that Lodestone uses."""
    from lodestone import desk

    if (raw is None) == (table is None):
        raise click.UsageError("say either --raw FOLDER or --table FILE")
    if raw is not None and (place, year, currency) != (None, None, None):
        raise click.UsageError("--place, --year and --currency belong to --table")
    if table is not None and baci is not None:
        raise click.UsageError("--baci belongs to --raw")
    if raw is not None:
        answer_shown(desk.data_build(raw, out or Path("release"), baci), form)
    elif table is not None:
        if place is None:
            raise click.UsageError("--table needs --place: whose economy is it?")
        to = out or Path("table.parquet")
        answer_shown(desk.data_table(table, to, place, layout, year=year, currency=currency), form)


@data.command("verify")
@click.argument("folder", type=FOLDER, required=False, metavar="[FOLDER]")
@form_asked
def data_verify(folder: Path | None, form: Form | None) -> None:
    """Check every file of a data release by its hash.

    The release inside the package when no FOLDER is given.
    """
    from lodestone import desk

    answer_shown(desk.data_verify(folder), form)


@data.command("fetch")
@click.argument("folder", type=FOLDER, metavar="FOLDER")
@form_asked
def data_fetch(folder: Path, form: Form | None) -> None:
    """Download the publishers' files into FOLDER, checked by hash."""
    from lodestone import desk

    answer_shown(desk.data_fetch(folder), form)


@data.command("sources")
@form_asked
@output_asked
def data_sources(form: Form | None, output: Path | None) -> None:
    """List the sources and their licences."""
    from lodestone import desk

    answer_shown(desk.data_sources(), form, output)


@data.command("unseen")
@form_asked
@output_asked
def data_unseen(form: Form | None, output: Path | None) -> None:
    """List what the open files cannot show, and how well each year is known."""
    from lodestone import desk

    answer_shown(desk.data_unseen(), form, output)
