"""The commands. Each reads its words, asks the desk one question and shows the answer.

The desk is imported inside the commands: `lodestone --help` loads none of the sciences.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

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

    _show(desk.brief(place, against, year, out), form)


@app.group()
def data() -> None:
    """Build, verify and fetch the data."""


@data.command("build")
@click.option("--raw", type=_FOLDER, metavar="FOLDER", required=True, help="The publishers' files.")
@_folder("release")
@click.option(
    "--baci",
    type=_FILE,
    metavar="ZIP",
    help="A full BACI archive of any HS revision, as downloaded from CEPII; lifts grades.",
)
@_format
def data_build(raw: Path, out: Path, baci: Path | None, form: Form | None) -> None:
    """Turn raw files into a data release."""
    from lodestone import desk

    _show(desk.data_build(raw, out, baci), form)


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


def _show(answer: Answer, form: Form | None, output: Path | None = None) -> None:
    show(answer.envelope(), form, output)
