"""Commands that ask what to do about it: a plan, a vault, an alliance.

The desk is imported inside the commands: `lodestone --help` loads none of the sciences.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from lodestone.cli.options import (
    FILE,
    answer_shown,
    as_of_asked,
    charts_asked,
    form_asked,
    output_asked,
    seed_asked,
    workers_asked,
    year_asked,
)
from lodestone.cli.render import Form
from lodestone.terms.errors import RequestError


@click.command()
@click.argument("members", nargs=-1, metavar="[PLACE]...")
@click.option("--file", "file", type=FILE, metavar="FILE", help="An alliance written in TOML.")
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
@as_of_asked
@click.option(
    "--draws",
    type=click.IntRange(0, 1000),
    metavar="N",
    default=0,
    show_default=True,
    help="Sets of market assumptions behind the bands.",
)
@charts_asked
@year_asked
@seed_asked
@workers_asked
@form_asked
@output_asked
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
    as_of: datetime | None,
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

    asked: dict[str, Any] = {"file": file}
    if file is not None:
        _refuse_beside_file(click.get_current_context())
    else:
        asked = {
            "members": members,
            "invite": invite,
            "supplier": supplier,
            "materials": materials,
            "months": months,
            "severity": severity,
            "shares": shares,
            "cover": cover,
            "draws": draws,
            "year": year,
            "seed": seed,
        }
    say_if_compiling()
    with counting("materials") as progress:
        answer = desk.alliance_in_words(
            **asked,
            floor=floor,
            plan=plan_name,
            as_of=as_of.date() if as_of else None,
            workers=workers,
            progress=progress,
        )
    if charts is not None:
        answer = desk.alliance_charts(answer, charts)
    answer_shown(answer, form, output)


#: Options of `alliance` that count beside `--file`: all else stands in the file.
_BESIDE_FILE = {
    "floor": "--floor",
    "plan_name": "--plan",
    "as_of": "--as-of",
    "workers": "--workers",
    "charts": "--charts",
    "form": "--format",
    "output": "--output",
}


def _refuse_beside_file(context: click.Context) -> None:
    """Refuse words that the file would not heed, rather than forget them."""
    said = [
        "PLACE" if isinstance(word, click.Argument) else word.opts[-1]
        for word in context.command.params
        if word.name not in ("file", *_BESIDE_FILE)
        and context.get_parameter_source(str(word.name)) is not ParameterSource.DEFAULT
    ]
    if said:
        raise RequestError(
            f"a file or words, not both: {', '.join(said)} -> put them into the file; beside "
            f"--file count {', '.join(_BESIDE_FILE.values())}"
        )


@click.group()
def vault() -> None:
    """Size, run and pay for a stockpile: what it holds, when it releases, who pays."""


_vault = click.argument("vault", metavar="[VAULT]", default="project-vault")


_holder = click.option("--place", metavar="PLACE", help="Who holds it, instead of the file's.")


_budget = click.option(
    "--budget", type=float, metavar="USD", help="Money to split, instead of the file's."
)


_day = click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Day on which controls are in force or not; that of the data when left out.",
)


@vault.command("size")
@_vault
@_holder
@_budget
@click.option("--write", type=FILE, metavar="FILE", help="Write the vault's file, to be edited.")
@charts_asked
@_day
@year_asked
@workers_asked
@form_asked
@output_asked
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
    answer_shown(answer, form, output)


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
@charts_asked
@_day
@year_asked
@seed_asked
@workers_asked
@form_asked
@output_asked
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
    answer_shown(answer, form, output)


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
@charts_asked
@_day
@year_asked
@workers_asked
@form_asked
@output_asked
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
    answer_shown(answer, form, output)


@click.command()
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
@click.option("--state", type=FILE, metavar="FILE", help="Keep the state here; go on from it.")
@click.option("--extensive", is_flag=True, help="One program without decomposition; small plans.")
@charts_asked
@year_asked
@form_asked
@output_asked
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
        answer_shown(desk.plans(), form, output)
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
    answer_shown(answer, form, output)
