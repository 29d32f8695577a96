"""The commands. Each reads its words, asks the desk one question and shows the answer.

The desk is imported inside the commands: `lodestone --help` loads none of the sciences.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Literal

import click

from lodestone import __version__
from lodestone.cli.render import FORMS, Answer, Form, show

_Words = Callable[[Callable[..., None]], Callable[..., None]]

_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)

_material = click.argument("material", metavar="MATERIAL")
_place = click.option(
    "--place",
    metavar="PLACE",
    required=True,
    help="Whose view: ISO3 code, country name or bloc (EU27, ALLIANCE).",
)
_year = click.option(
    "--year", type=int, metavar="YEAR", help="Year of the data; the latest when left out."
)
_seed = click.option(
    "--seed",
    type=click.IntRange(min=0),
    metavar="N",
    default=0,
    show_default=True,
    help="Seed of the resampling behind the bands.",
)
_format = click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    help="How to show the answer; by the ending of --output when left out, else a table.",
)
_output = click.option(
    "-o", "--output", type=_FILE, metavar="FILE", help="Write to a file, not to the screen."
)


def _folder(default: str) -> _Words:
    return click.option(
        "-o",
        "--out",
        type=_FOLDER,
        metavar="FOLDER",
        default=default,
        show_default=True,
        help="Where to write.",
    )


@click.group()
@click.version_option(__version__, message="%(prog)s %(version)s", help="Print the version.")
def app() -> None:
    """Who depends on whom for raw materials, and what a cut-off does."""


@app.command()
@click.argument("materials", nargs=-1, metavar="[MATERIAL]...")
@_place
@_year
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
@_seed
@_format
@_output
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
    _show(answer, form, output)


@app.command()
@_material
@_year
@_format
@_output
def chain(material: str, year: int | None, form: Form | None, output: Path | None) -> None:
    """Show the balanced supply chain of one material.

    Flows between places and stages, direct and look-through dependence, the ledger of
    adjustments, and the grade of every cell.
    """
    from lodestone import desk

    _show(desk.chain(material, year), form, output)


@app.command()
@click.argument("material", required=False, metavar="[MATERIAL]")
@click.option(
    "--place", metavar="PLACE", help="Whose view: ISO3 code, country name, bloc or sum of them."
)
@click.option(
    "--on", metavar="SUPPLIER", help="On this country; on the largest foreign one when left out."
)
@_year
@_format
@_output
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

    _show(desk.exposure(material, place=place, on=on, year=year), form, output)


_as_of = click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Day on which controls are in force or not; today when left out.",
)


@app.command()
@_material
@click.option(
    "--place",
    metavar="PLACE",
    default="EU27",
    show_default=True,
    help="Whose dependence and scores: ISO3 code, country name or bloc.",
)
@_as_of
@_year
@_format
@_output
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
    _show(desk.profile(material, place, year, as_of=day), form, output)


_draws = click.option(
    "--draws", type=int, metavar="N", help="Sets of assumptions behind the bands; 0 for none."
)


@app.command()
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
@_year
@_draws
@click.option("--no-sensitivity", is_flag=True, help="Leave out what moves the answer.")
@click.option(
    "--charts", type=_FOLDER, metavar="FOLDER", help="Write a chart for each material too."
)
@_seed
@_format
@_output
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
        _show(desk.scenarios(), form, output)
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
    _show(answer, form, output)


@app.command()
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
@_year
@_draws
@_seed
@_format
@_output
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
    _show(answer, form, output)


_workers = click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    default=1,
    show_default=True,
    help="Processes on this machine.",
)


@app.command()
@_place
@click.option("--supplier", "suppliers", multiple=True, metavar="PLACE", help="Only this; repeat.")
@click.option("--material", "materials", multiple=True, metavar="NAME", help="Only this; repeat.")
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
@_year
@_workers
@_format
@_output
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
    _show(answer, form, output)


@app.command()
@_place
@click.option(
    "--hazards",
    type=_FILE,
    metavar="FILE",
    help="Hazards of your own (CSV); pairs it does not name keep ours.",
)
@click.option(
    "--write-hazards", type=_FILE, metavar="FILE", help="Write the table of hazards, to be edited."
)
@click.option(
    "--years",
    type=click.IntRange(min=1),
    metavar="N",
    default=20_000,
    show_default=True,
    help="Years to draw.",
)
@_as_of
@click.option("--charts", type=_FOLDER, metavar="FOLDER", help="Write charts too (SVG and PNG).")
@_year
@_seed
@_workers
@_format
@_output
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
    _show(answer, form, output)


@app.command()
@click.argument("members", nargs=-1, metavar="[PLACE]...")
@click.option("--file", "file", type=_FILE, metavar="FILE", help="An alliance written in TOML.")
@click.option(
    "--invite", "invite", multiple=True, metavar="PLACE,...", help="Who may join, one by one."
)
@click.option(
    "--against",
    "supplier",
    metavar="PLACE",
    default="CHN",
    show_default=True,
    help="Who withholds its exports.",
)
@click.option(
    "--material",
    "materials",
    multiple=True,
    metavar="NAME",
    help="Only this; repeat. The EU's strategic raw materials when left out.",
)
@click.option("--months", type=int, metavar="N", default=12, show_default=True, help="How long.")
@click.option(
    "--severity",
    type=float,
    metavar="SHARE",
    default=1.0,
    show_default=True,
    help="Share of exports that is withheld.",
)
@click.option(
    "--share",
    "shares",
    multiple=True,
    type=click.Choice(["stocks", "exports", "buying", "restraint"]),
    help="What members share; repeat. All when left out.",
)
@click.option(
    "--stock-days",
    "cover",
    multiple=True,
    metavar="PLACE=DAYS",
    help="Days of use that a place holds in stock; repeat.",
)
@click.option(
    "--floor",
    metavar="MATERIAL:USD_PER_KG",
    help="A price floor of the members, such as NdPr:110, and what else would do the same.",
)
@click.option(
    "--plan",
    "plan_name",
    metavar="NAME|FILE",
    help="Members, four at most, also make this plan together: a ready one, or a TOML file.",
)
@click.option(
    "--draws",
    type=click.IntRange(0, 1000),
    metavar="N",
    default=0,
    show_default=True,
    help="Sets of market assumptions behind the bands.",
)
@click.option("--charts", type=_FOLDER, metavar="FOLDER", help="Write charts too (SVG and PNG).")
@_year
@_seed
@_workers
@_format
@_output
def alliance(
    members: tuple[str, ...],
    file: Path | None,
    invite: tuple[str, ...],
    supplier: str,
    materials: tuple[str, ...],
    months: int,
    severity: float,
    shares: tuple[str, ...],
    cover: tuple[str, ...],
    floor: str | None,
    plan_name: str | None,
    draws: int,
    charts: Path | None,
    year: int | None,
    seed: int,
    workers: int,
    form: Form | None,
    output: Path | None,
) -> None:
    """Say what acting together is worth to each PLACE, and who would rather stay out.

    Worth of every coalition when a supplier withholds, against acting alone and against a scramble;
    shares by several rules; what each invited place adds; what moves; a price floor, and plans made
    together, if asked.
    """
    from lodestone import desk
    from lodestone.cli.progress import counting, say_if_compiling

    say_if_compiling()
    with counting("materials") as progress:
        answer = desk.alliance_in_words(
            members,
            file=file,
            invite=invite,
            supplier=supplier,
            materials=materials,
            months=months,
            severity=severity,
            shares=shares,
            cover=cover,
            floor=floor,
            plan=plan_name,
            draws=draws,
            year=year,
            seed=seed,
            workers=workers,
            progress=progress,
        )
    if charts is not None:
        answer = desk.alliance_charts(answer, charts)
    _show(answer, form, output)


@app.group()
def vault() -> None:
    """Size, run and pay for a stockpile: what it holds, when it releases, who pays."""


_vault = click.argument("vault", metavar="[VAULT]", default="project-vault")
_holder = click.option("--place", metavar="PLACE", help="Who holds it, instead of the file's.")
_budget = click.option(
    "--budget", type=float, metavar="USD", help="Money to split, instead of the file's."
)
_as_of = click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Day on which controls are in force or not; that of the data when left out.",
)
_charts = click.option(
    "--charts", type=_FOLDER, metavar="FOLDER", help="Write charts too (SVG and PNG)."
)


@vault.command("size")
@_vault
@_holder
@_budget
@click.option("--write", type=_FILE, metavar="FILE", help="Write the vault's file, to be edited.")
@_charts
@_as_of
@_year
@_workers
@_format
@_output
def vault_size(
    vault: str,
    place: str | None,
    budget: float | None,
    write: Path | None,
    charts: Path | None,
    as_of: datetime | None,
    year: int | None,
    workers: int,
    form: Form | None,
    output: Path | None,
) -> None:
    """Say what a vault should hold, what that costs, and what it keeps away.

    VAULT is a ready one (project-vault, japan, eu-pilot, alliance) or a TOML file.
    """
    from lodestone import desk
    from lodestone.cli.progress import counting, say_if_compiling

    if write is not None:
        desk.write_vault(vault, write)
    say_if_compiling()
    with counting("cuts and purchases") as progress:
        answer = desk.vault_size(
            vault,
            place=place,
            budget=budget,
            year=year,
            as_of=as_of.date() if as_of else None,
            workers=workers,
            progress=progress,
        )
    if charts is not None:
        answer = desk.vault_charts(answer, charts)
    _show(answer, form, output)


@vault.command("run")
@_vault
@click.option("--scenario", metavar="SCENARIO", help="One scenario: a ready one, or a TOML file.")
@click.option(
    "--ban",
    "bans",
    multiple=True,
    metavar="SUPPLIER:MATERIAL,...",
    help="One scenario: the supplier's exports stop; may be repeated.",
)
@click.option(
    "--paths",
    type=click.IntRange(min=1),
    metavar="N",
    default=1000,
    show_default=True,
    help="Sampled paths, where no scenario is named.",
)
@click.option(
    "--months",
    type=click.IntRange(min=1),
    metavar="N",
    default=60,
    show_default=True,
    help="Months of a sampled path.",
)
@click.option("--full", is_flag=True, help="Begin sampled paths with a full vault.")
@_holder
@_budget
@_charts
@_as_of
@_year
@_seed
@_workers
@_format
@_output
def vault_run(
    vault: str,
    scenario: str | None,
    bans: tuple[str, ...],
    paths: int,
    months: int,
    full: bool,
    place: str | None,
    budget: float | None,
    charts: Path | None,
    as_of: datetime | None,
    year: int | None,
    seed: int,
    workers: int,
    form: Form | None,
    output: Path | None,
) -> None:
    """Run a vault month by month: rules compared, in one scenario or in many sampled years."""
    from lodestone import desk
    from lodestone.cli.progress import counting, say_if_compiling

    say_if_compiling()
    with counting("cuts and purchases") as progress:
        answer = desk.vault_run(
            vault,
            scenario=scenario,
            bans=bans,
            paths=paths,
            months=months,
            full=full,
            place=place,
            budget=budget,
            seed=seed,
            year=year,
            as_of=as_of.date() if as_of else None,
            workers=workers,
            progress=progress,
        )
    if charts is not None:
        answer = desk.vault_charts(answer, charts)
    _show(answer, form, output)


@vault.command("finance")
@_vault
@click.option(
    "--fall",
    type=click.FloatRange(0.0, 0.99),
    metavar="SHARE",
    default=0.0,
    show_default=True,
    help="Prices fall for good when the vault is full, in the cash flow shown.",
)
@click.option(
    "--ban-months",
    type=click.IntRange(0, 120),
    metavar="N",
    default=0,
    show_default=True,
    help="A major disruption from then on, in the cash flow shown.",
)
@_holder
@_budget
@_charts
@_as_of
@_year
@_workers
@_format
@_output
def vault_finance(
    vault: str,
    fall: float,
    ban_months: int,
    place: str | None,
    budget: float | None,
    charts: Path | None,
    as_of: datetime | None,
    year: int | None,
    workers: int,
    form: Form | None,
    output: Path | None,
) -> None:
    """Say what a vault costs a year, who pays, and at which fall or disruption it fails."""
    from lodestone import desk
    from lodestone.cli.progress import counting, say_if_compiling

    say_if_compiling()
    with counting("cuts and purchases") as progress:
        answer = desk.vault_finance(
            vault,
            place=place,
            budget=budget,
            fall=fall,
            ban_months=ban_months,
            year=year,
            as_of=as_of.date() if as_of else None,
            workers=workers,
            progress=progress,
        )
    if charts is not None:
        answer = desk.vault_charts(answer, charts)
    _show(answer, form, output)


@app.command()
@click.argument("plan_name", metavar="[PLAN]", required=False)
@click.option("--list", "listed", is_flag=True, help="List the ready plans.")
@click.option(
    "--gap", type=float, metavar="SHARE", help="Gap to prove; 0.005 or what the plan says."
)
@click.option("--no-judge", is_flag=True, help="Do not walk the plan through the market.")
@click.option(
    "--rounds",
    type=click.IntRange(min=0),
    metavar="N",
    default=6,
    show_default=True,
    help="Rounds of measuring again where the market disagrees.",
)
@click.option("--frontier", is_flag=True, help="Also trade cost against risk, at six weights.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Day on which controls are in force or not; today when left out.",
)
@click.option("--state", type=_FILE, metavar="FILE", help="Keep the state here; go on from it.")
@click.option("--extensive", is_flag=True, help="One program without decomposition; small plans.")
@click.option("--charts", type=_FOLDER, metavar="FOLDER", help="Write charts too (SVG and PNG).")
@_year
@_format
@_output
def plan(
    plan_name: str | None,
    listed: bool,
    gap: float | None,
    no_judge: bool,
    rounds: int,
    frontier: bool,
    as_of: datetime | None,
    state: Path | None,
    extensive: bool,
    charts: Path | None,
    year: int | None,
    form: Form | None,
    output: Path | None,
) -> None:
    """Choose the cheapest portfolio that keeps a promise, and let the market judge it.

    PLAN is a TOML file or the name of a ready plan (--list names them). What to build, buy and
    agree, and when; what each target costs; which cannot be met, and why.
    """
    from lodestone import desk
    from lodestone.cli.progress import counting_steps, say_if_compiling

    if listed or plan_name is None:
        _show(desk.plans(), form, output)
        return
    say_if_compiling()
    with counting_steps() as (watch, tell_gap):
        answer = desk.plan(
            plan_name,
            year=year,
            gap=gap,
            judge=not no_judge,
            rounds=rounds,
            frontier=desk.FRONTIER if frontier else (),
            as_of=as_of.date() if as_of else None,
            state=state,
            extensive=extensive,
            watch=watch,
            tell_gap=tell_gap,
        )
    if charts is not None:
        answer = desk.plan_charts(answer, charts)
    _show(answer, form, output)


@app.group()
def study() -> None:
    """Run many scenarios: resumable, on this machine or a cluster."""


_study_folder = click.argument("folder", type=_FOLDER, metavar="FOLDER")
_dask = click.option(
    "--dask", metavar="ADDRESS", help="Address of a Dask scheduler (extra `cluster`)."
)


@study.command("run")
@_study_folder
@click.option("--grid", is_flag=True, help="Every supplier of a stage, one export stop each.")
@click.option(
    "--sample",
    "samples",
    type=click.IntRange(min=0),
    metavar="N",
    default=0,
    help="N sampled scenarios under drawn assumptions.",
)
@click.option("--material", "materials", multiple=True, metavar="NAME", help="Only this; repeat.")
@click.option("--supplier", "suppliers", multiple=True, metavar="PLACE", help="Only this; repeat.")
@click.option(
    "--place",
    "places",
    multiple=True,
    metavar="PLACE",
    default=("EU27", "USA", "JPN"),
    help="Whose losses to keep; repeat. EU27, USA and JPN when left out.",
)
@click.option(
    "--months",
    type=int,
    metavar="N",
    help="Months walked; 0 clears a grid's markets a year into the stop.",
)
@_year
@_seed
@_workers
@_dask
@_format
def study_run(
    folder: Path,
    grid: bool,
    samples: int,
    materials: tuple[str, ...],
    suppliers: tuple[str, ...],
    places: tuple[str, ...],
    months: int | None,
    year: int | None,
    seed: int,
    workers: int,
    dask: str | None,
    form: Form | None,
) -> None:
    """Run a study into FOLDER, or go on with it there."""
    from lodestone import desk
    from lodestone.cli.progress import counting, say_if_compiling

    say_if_compiling()
    with counting("scenarios") as progress:
        answer = desk.study_run(
            folder,
            grid=grid,
            samples=samples,
            year=year,
            materials=materials,
            suppliers=suppliers,
            places=places,
            months=months,
            seed=seed,
            workers=workers,
            dask=dask,
            progress=progress,
        )
    _show(answer, form)


@study.command("resume")
@_study_folder
@_workers
@_dask
@_format
def study_resume(folder: Path, workers: int, dask: str | None, form: Form | None) -> None:
    """Go on with the study in FOLDER where it was interrupted."""
    from lodestone import desk
    from lodestone.cli.progress import counting, say_if_compiling

    say_if_compiling()
    with counting("scenarios") as progress:
        answer = desk.study_resume(folder, workers=workers, dask=dask, progress=progress)
    _show(answer, form)


@study.command("compare")
@click.argument("first", type=_FOLDER, metavar="FOLDER")
@click.argument("second", type=_FOLDER, metavar="FOLDER")
@_format
@_output
def study_compare(first: Path, second: Path, form: Form | None, output: Path | None) -> None:
    """Compare two finished studies: what changed, and which inputs differ."""
    from lodestone import desk

    _show(desk.study_compare(first, second), form, output)


@app.command()
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
@_year
@_format
@click.option(
    "-o", "--out", type=_FOLDER, metavar="FOLDER", help="Write a chart for each place there."
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
    _show(answer, form)


@app.command()
@click.argument("number", metavar="ID")
@_format
@_output
def explain(number: str, form: Form | None, output: Path | None) -> None:
    """Say where a number comes from.

    ID is printed beside the number. The answer leads down to the source, the file, the row and
    the licence.
    """
    from lodestone import desk

    _show(desk.explain(number), form, output)


@app.command()
@_place
@click.option(
    "--against", metavar="PLACE", required=True, help="The supplier whose cut-off is feared."
)
@_year
@_folder("out")
@_format
def brief(place: str, against: str, year: int | None, out: Path, form: Form | None) -> None:
    """Write the decision brief of a place.

    PDF, HTML, JSON and figures go into a folder; the worst dependences are printed.
    """
    from lodestone import desk
    from lodestone.cli.progress import say_if_compiling

    say_if_compiling()
    _show(desk.brief(place, against, year, out), form)


@app.command()
@click.argument("bill", type=_FILE, metavar="BILL")
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
@_year
@_folder("out")
@_format
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
    _show(answer, form)


@app.command()
@click.option(
    "--host",
    metavar="ADDRESS",
    default="127.0.0.1",
    show_default=True,
    help="Where to listen; another than this machine's own demands keys.",
)
@click.option(
    "--port",
    type=click.IntRange(min=1, max=65535),
    metavar="N",
    default=8321,
    show_default=True,
    help="Where to listen.",
)
@_workers
@click.option(
    "--store",
    metavar="PATH|URL",
    envvar="LODESTONE_STORE",
    help="Where saved scenarios and runs lie: a SQLite file, or postgresql://... for a team. "
    "LODESTONE_STORE when left out.",
)
@click.option("--new-key", metavar="NAME", help="Make an API key, print it once, and end.")
@click.option(
    "--role",
    type=click.Choice(("reader", "analyst", "admin")),
    default="reader",
    show_default=True,
    help="What the new key may do.",
)
@click.option("--keys", "listed", is_flag=True, help="Name the keys and their roles, and end.")
@click.option("--drop-key", metavar="NAME", help="Refuse a key from now on, and end.")
def serve(
    host: str,
    port: int,
    workers: int,
    store: str | None,
    new_key: str | None,
    role: Literal["reader", "analyst", "admin"],
    listed: bool,
    drop_key: str | None,
) -> None:
    """Answer in a browser and over HTTP: the pages and the REST service.

    This machine needs no account. Others need a key (--new-key).
    """
    from lodestone.api.serving import hand_out_key, known_keys, serve, store_at, take_back_key
    from lodestone.api.settings import Settings
    from lodestone.desk.impact_cache import cache_folder

    where = store_at(store) if store else cache_folder() / "service.sqlite"
    if new_key is not None:
        click.echo(hand_out_key(where, new_key, role))
        return
    if drop_key is not None:
        take_back_key(where, drop_key)
        return
    if listed:
        for key in known_keys(where):
            click.echo(f"{key.role:8} {key.name}")
        return
    serve(Settings.of(host, port, workers, where))


@app.command()
@_workers
def mcp(workers: int) -> None:
    """Answer an assistant: the read-only verbs as tools (Model Context Protocol).

    Started by the assistant's program, which speaks over standard input and output.
    """
    from lodestone.api.mcp_serving import serve_mcp
    from lodestone.api.settings import Settings

    serve_mcp(Settings(workers=workers))


@app.group()
def data() -> None:
    """Build, verify and fetch the data."""


@data.command("build")
@click.option("--raw", type=_FOLDER, metavar="FOLDER", help="The publishers' files.")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Where to write: a folder (release), with --table a file (table.parquet).",
)
@click.option(
    "--baci",
    type=_FILE,
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
@_format
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
        _show(desk.data_build(raw, out or Path("release"), baci), form)
    elif table is not None:
        if place is None:
            raise click.UsageError("--table needs --place: whose economy is it?")
        to = out or Path("table.parquet")
        _show(desk.data_table(table, to, place, layout, year=year, currency=currency), form)


@data.command("verify")
@click.argument("folder", type=_FOLDER, required=False, metavar="[FOLDER]")
@_format
def data_verify(folder: Path | None, form: Form | None) -> None:
    """Check every file of a data release by its hash.

    The release inside the package when no FOLDER is given.
    """
    from lodestone import desk

    _show(desk.data_verify(folder), form)


@data.command("fetch")
@click.argument("folder", type=_FOLDER, metavar="FOLDER")
@_format
def data_fetch(folder: Path, form: Form | None) -> None:
    """Download the publishers' files into FOLDER, checked by hash."""
    from lodestone import desk

    _show(desk.data_fetch(folder), form)


@data.command("sources")
@_format
@_output
def data_sources(form: Form | None, output: Path | None) -> None:
    """List the sources and their licences."""
    from lodestone import desk

    _show(desk.data_sources(), form, output)


@data.command("unseen")
@_format
@_output
def data_unseen(form: Form | None, output: Path | None) -> None:
    """List what the open files cannot show, and how well each year is known."""
    from lodestone import desk

    _show(desk.data_unseen(), form, output)


def _show(answer: Answer, form: Form | None, output: Path | None = None) -> None:
    show(answer.envelope(), form, output)
