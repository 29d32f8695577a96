"""Commands that write documents: the brief and the dossier.

The desk is imported inside the commands: `lodestone --help` loads none of the sciences.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from lodestone.cli.options import (
    FILE,
    answer_shown,
    form_asked,
    out_folder,
    place_asked,
    year_asked,
)
from lodestone.cli.render import Form


@click.command()
@place_asked
@click.option(
    "--against", metavar="PLACE", required=True, help="The supplier whose cut-off is feared."
)
@year_asked
@out_folder("out")
@form_asked
def brief(place: str, against: str, year: int | None, out: Path, form: Form | None) -> None:
    """Write the decision brief of a place.

    PDF, HTML, JSON and figures go into a folder; the worst dependences are printed.
    """
    from lodestone import desk
    from lodestone.cli.progress import say_if_compiling

    say_if_compiling()
    answer_shown(desk.brief(place, against, year, out), form)


@click.command()
@click.argument("bill", type=FILE, metavar="BILL")
@click.option(
    "--place",
    metavar="PLACE",
    help="Where the company works: ISO3 code, country name or bloc; or the column place.",
)
@click.option("--against", metavar="PLACE", help="A supplier whose stop is asked about everywhere.")
@click.option(
    "--months",
    type=click.IntRange(min=1, max=60),
    metavar="N",
    default=24,
    show_default=True,
    help="How long each stop lasts.",
)
@click.option(
    "--draws", type=int, metavar="N", help="Sets of assumptions behind the bands; 0 for none."
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Day on which controls are in force or not; today when left out.",
)
@year_asked
@out_folder("out")
@form_asked
def dossier(
    bill: Path,
    place: str | None,
    against: str | None,
    months: int,
    draws: int | None,
    as_of: datetime | None,
    year: int | None,
    out: Path,
    form: Form | None,
) -> None:
    """Write the supply risk dossier of a company from its bill of materials.

    BILL is a CSV file: material, quantity or value_usd, suppliers and more. PDF, HTML and JSON go
    into a folder, in the sections that Article 24 of the EU Critical Raw Materials Act asks for.
    """
    from lodestone import desk
    from lodestone.cli.progress import say_if_compiling

    say_if_compiling()
    answer = desk.dossier(
        bill,
        place,
        against=against,
        months=months,
        year=year,
        as_of=as_of.date() if as_of else None,
        draws=draws,
        out=out,
    )
    answer_shown(answer, form)
