"""Commands that ask what a cut-off does, and what to worry about.

The desk is imported inside the commands: `lodestone --help` loads none of the sciences.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from lodestone.cli.options import (
    FILE,
    FOLDER,
    answer_shown,
    as_of_asked,
    charts_asked,
    form_asked,
    only_materials,
    only_suppliers,
    output_asked,
    place_asked,
    seed_asked,
    workers_asked,
    year_asked,
)
from lodestone.cli.render import Form

_draws = click.option(
    "--draws", type=int, metavar="N", help="Sets of assumptions behind the bands; 0 for none."
)


@click.command()
@click.argument("scenario", required=False, metavar="[SCENARIO]")
@click.option("--list", "listed", is_flag=True, help="List the ready scenarios.")
@click.option(
    "--ban",
    "bans",
    multiple=True,
    metavar="SUPPLIER:MATERIAL,...",
    help="The supplier's exports stop; may be repeated.",
)
@click.option(
    "--licence",
    "licences",
    multiple=True,
    metavar="SUPPLIER:MATERIAL,...",
    help="Exports need a licence: nothing at first, then a part.",
)
@click.option(
    "--quota",
    "quotas",
    multiple=True,
    metavar="SUPPLIER:MATERIAL,...:SHARE",
    help="Only a share of exports may leave.",
)
@click.option(
    "--outage",
    "outages",
    multiple=True,
    metavar="PLACE:MATERIAL,...:SHARE",
    help="A share of the place's capacity is lost.",
)
@click.option(
    "--to", multiple=True, metavar="PLACE,...", help="Whom bans, licences and quotas hit; all."
)
@click.option(
    "--place",
    "places",
    multiple=True,
    metavar="PLACE,...",
    help="Whose prices and shortages to show, ALL for a row each; EU27, USA and JPN when left out.",
)
@click.option("--months", type=int, metavar="N", help="Months to walk; 24 or the scenario's.")
@year_asked
@_draws
@click.option("--no-sensitivity", is_flag=True, help="Leave out what moves the answer.")
@click.option(
    "--charts", type=FOLDER, metavar="FOLDER", help="Write a chart for each material too."
)
@seed_asked
@form_asked
@output_asked
def shock(
    scenario: str | None,
    listed: bool,
    bans: tuple[str, ...],
    licences: tuple[str, ...],
    quotas: tuple[str, ...],
    outages: tuple[str, ...],
    to: tuple[str, ...],
    places: tuple[str, ...],
    months: int | None,
    year: int | None,
    draws: int | None,
    no_sensitivity: bool,
    charts: Path | None,
    seed: int,
    form: Form | None,
    output: Path | None,
) -> None:
    """Show what happens, month by month, when a supplier cuts off or a policy starts.

    SCENARIO is a TOML file or the name of a ready scenario (--list names them); or spell
    measures out with --ban, --licence, --quota and --outage.
    """
    from lodestone import desk
    from lodestone.cli.progress import say_if_compiling

    if listed:
        answer_shown(desk.scenarios(), form, output)
        return
    say_if_compiling()
    answer = desk.shock_in_words(
        scenario,
        bans=bans,
        licences=licences,
        quotas=quotas,
        outages=outages,
        to=to,
        months=months,
        year=year,
        places=places,
        draws=draws,
        seed=seed,
        sensitivity=not no_sensitivity,
    )
    if charts is not None:
        answer = desk.shock_charts(answer, charts)
    answer_shown(answer, form, output)


@click.command()
@click.argument("first", metavar="SCENARIO")
@click.argument("second", metavar="SCENARIO")
@click.option(
    "--place",
    "places",
    multiple=True,
    metavar="PLACE,...",
    help="Whose prices and shortages to show; EU27, USA and JPN when left out.",
)
@click.option("--months", type=int, metavar="N", help="Months to walk; the longer of the two.")
@year_asked
@_draws
@seed_asked
@form_asked
@output_asked
def compare(
    first: str,
    second: str,
    places: tuple[str, ...],
    months: int | None,
    year: int | None,
    draws: int | None,
    seed: int,
    form: Form | None,
    output: Path | None,
) -> None:
    """Lay two shocks side by side, with bands of their differences.

    Each SCENARIO is a TOML file, the name of a ready scenario, or measures such as
    'ban=CHN:gallium;to=USA,JPN' (ban, licence, quota, outage, to).
    """
    from lodestone import desk
    from lodestone.cli.progress import say_if_compiling

    say_if_compiling()
    answer = desk.compare(
        first, second, places=places, months=months, year=year, draws=draws, seed=seed
    )
    answer_shown(answer, form, output)


@click.command()
@place_asked
@only_suppliers
@only_materials
@click.option(
    "--months", type=int, metavar="N", default=12, show_default=True, help="How long exports stop."
)
@click.option(
    "--severity",
    type=float,
    metavar="SHARE",
    default=1.0,
    show_default=True,
    help="Share of the supplier's exports that is withheld.",
)
@year_asked
@workers_asked
@form_asked
@output_asked
def losses(
    place: str,
    suppliers: tuple[str, ...],
    materials: tuple[str, ...],
    months: int,
    severity: float,
    year: int | None,
    workers: int,
    form: Form | None,
    output: Path | None,
) -> None:
    """Show what each supplier's stop would cost a place, in sectors and GDP.

    Low, central and high for every supplier and material, ranked; the sectors that carry the worst
    ones; every assumption.
    """
    from lodestone import desk
    from lodestone.cli.progress import counting, say_if_compiling

    say_if_compiling()
    with counting("suppliers and materials") as progress:
        answer = desk.losses(
            place,
            suppliers=suppliers,
            materials=materials,
            months=months,
            severity=severity,
            year=year,
            workers=workers,
            progress=progress,
        )
    answer_shown(answer, form, output)


@click.command()
@place_asked
@click.option(
    "--hazards",
    type=FILE,
    metavar="FILE",
    help="Hazards of your own (CSV); pairs it does not name keep ours.",
)
@click.option(
    "--write-hazards", type=FILE, metavar="FILE", help="Write the table of hazards, to be edited."
)
@click.option(
    "--years",
    type=click.IntRange(min=1),
    metavar="N",
    default=20_000,
    show_default=True,
    help="Years to draw.",
)
@as_of_asked
@charts_asked
@year_asked
@seed_asked
@workers_asked
@form_asked
@output_asked
def risk(
    place: str,
    hazards: Path | None,
    write_hazards: Path | None,
    years: int,
    as_of: datetime | None,
    charts: Path | None,
    year: int | None,
    seed: int,
    workers: int,
    form: Form | None,
    output: Path | None,
) -> None:
    """Rank cut-offs by expected loss: what a place should worry about first.

    Likelihood times loss for every supplier and material; bad years; how the ranking changes with
    each assumption; the likeliest way to a bad year.
    """
    from lodestone import desk
    from lodestone.cli.progress import counting, say_if_compiling

    say_if_compiling()
    with counting("suppliers and materials") as progress:
        answer = desk.risk(
            place,
            hazards=hazards,
            years=years,
            seed=seed,
            year=year,
            as_of=as_of.date() if as_of else None,
            workers=workers,
            progress=progress,
        )
    if write_hazards is not None:
        answer = desk.write_hazards(answer, write_hazards)
    if charts is not None:
        answer = desk.risk_charts(answer, charts)
    answer_shown(answer, form, output)
