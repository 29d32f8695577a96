"""Commands that read the world as it is: methods, chains, exposure, technologies, the way of a number.

The desk is imported inside the commands: `lodestone --help` loads none of the sciences.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from lodestone.cli.options import (
    FOLDER,
    answer_shown,
    as_of_asked,
    form_asked,
    material_named,
    output_asked,
    place_asked,
    seed_asked,
    year_asked,
)
from lodestone.cli.render import Form


@click.command()
@click.argument("materials", nargs=-1, metavar="[MATERIAL]...")
@place_asked
@year_asked
@click.option(
    "--method",
    "methods",
    multiple=True,
    metavar="NAME",
    help="Only this method; may be repeated. All when left out.",
)
@click.option(
    "--inputs",
    type=click.Choice(["live", "published"]),
    default="live",
    show_default=True,
    help="Feed the methods with the data release, or with the figures printed by their authors.",
)
@seed_asked
@form_asked
@output_asked
def assess(
    materials: tuple[str, ...],
    place: str,
    year: int | None,
    methods: tuple[str, ...],
    inputs: str,
    seed: int,
    form: Form | None,
    output: Path | None,
) -> None:
    """Score how critical materials are to a place.

    One row for each MATERIAL (all when none is named) and published method, with a band where
    the inputs have one.
    """
    from lodestone import desk

    answer = desk.assess(list(materials), place, year, list(methods), inputs, seed=seed)
    answer_shown(answer, form, output)


@click.command()
@material_named
@year_asked
@form_asked
@output_asked
def chain(material: str, year: int | None, form: Form | None, output: Path | None) -> None:
    """Show the balanced supply chain of one material.

    Flows between places and stages, direct and look-through dependence, the ledger of
    adjustments, and the grade of every cell.
    """
    from lodestone import desk

    answer_shown(desk.chain(material, year), form, output)


@click.command()
@click.argument("material", required=False, metavar="[MATERIAL]")
@click.option(
    "--place", metavar="PLACE", help="Whose view: ISO3 code, country name, bloc or sum of them."
)
@click.option(
    "--on", metavar="SUPPLIER", help="On this country; on the largest foreign one when left out."
)
@year_asked
@form_asked
@output_asked
def exposure(
    material: str | None,
    place: str | None,
    on: str | None,
    year: int | None,
    form: Form | None,
    output: Path | None,
) -> None:
    """Show who leans on whom for a material, as shipped and by where it was made.

    With MATERIAL and --place every origin, with MATERIAL alone every buyer, with --place alone
    every material.
    """
    from lodestone import desk

    answer_shown(desk.exposure(material, place=place, on=on, year=year), form, output)


@click.command()
@material_named
@click.option(
    "--place",
    metavar="PLACE",
    default="EU27",
    show_default=True,
    help="Whose dependence and scores: ISO3 code, country name or bloc.",
)
@as_of_asked
@year_asked
@form_asked
@output_asked
def profile(
    material: str,
    place: str,
    as_of: datetime | None,
    year: int | None,
    form: Form | None,
    output: Path | None,
) -> None:
    """Show all else about a material: makers, trends, prices, controls, uses, official figures."""
    from lodestone import desk

    day = as_of.date() if as_of else None
    answer_shown(desk.profile(material, place, year, as_of=day), form, output)


@click.command()
@click.option(
    "--place",
    "places",
    multiple=True,
    metavar="PLACE",
    default=("EU27", "USA", "JPN", "CHN"),
    help="Whose view; repeat. EU27, USA, JPN and CHN when left out.",
)
@click.option(
    "--technology",
    "technologies",
    multiple=True,
    metavar="NAME",
    help="Only this, such as batteries; repeat. All when left out.",
)
@year_asked
@form_asked
@click.option(
    "-o", "--out", type=FOLDER, metavar="FOLDER", help="Write a chart for each place there."
)
def technology(
    places: tuple[str, ...],
    technologies: tuple[str, ...],
    year: int | None,
    form: Form | None,
    out: Path | None,
) -> None:
    """Show what places control in technologies, and on whom they lean.

    Share of the value chain's stages held, dependence on China and on the United States side by
    side, the weakest stage, and what would change it.
    """
    from lodestone import desk

    answer = desk.technology_position(places, technologies or None, year)
    if out is not None:
        answer = desk.technology_charts(answer, out)
    answer_shown(answer, form)


@click.command()
@click.argument("number", metavar="ID")
@form_asked
@output_asked
def explain(number: str, form: Form | None, output: Path | None) -> None:
    """Say where a number comes from.

    ID is printed beside the number. The answer leads down to the source, the file, the row and
    the licence.
    """
    from lodestone import desk

    answer_shown(desk.explain(number), form, output)
