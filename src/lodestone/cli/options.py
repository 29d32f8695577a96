"""Words that several commands take, and how an answer is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from lodestone.cli.render import FORMS, Answer, Form, show

Words = Callable[[Callable[..., None]], Callable[..., None]]
FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)
material_named = click.argument("material", metavar="MATERIAL")
place_asked = click.option(
    "--place",
    metavar="PLACE",
    required=True,
    help="Whose view: ISO3 code, country name or bloc (EU27, ALLIANCE).",
)
year_asked = click.option(
    "--year", type=int, metavar="YEAR", help="Year of the data; the latest when left out."
)
seed_asked = click.option(
    "--seed",
    type=click.IntRange(min=0),
    metavar="N",
    default=0,
    show_default=True,
    help="Seed of the resampling behind the bands.",
)
form_asked = click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    help="How to show the answer; by the ending of --output when left out, else a table.",
)
output_asked = click.option(
    "-o", "--output", type=FILE, metavar="FILE", help="Write to a file, not to the screen."
)
as_of_asked = click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Day on which controls are in force or not; today when left out.",
)
workers_asked = click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    default=1,
    show_default=True,
    help="Processes on this machine.",
)


charts_asked = click.option(
    "--charts", type=FOLDER, metavar="FOLDER", help="Write charts too (SVG and PNG)."
)
only_suppliers = click.option(
    "--supplier", "suppliers", multiple=True, metavar="PLACE", help="Only this; repeat."
)
only_materials = click.option(
    "--material", "materials", multiple=True, metavar="NAME", help="Only this; repeat."
)


def out_folder(default: str) -> Words:
    """Give the option of a folder to write into."""
    return click.option(
        "-o",
        "--out",
        type=FOLDER,
        metavar="FOLDER",
        default=default,
        show_default=True,
        help="Where to write.",
    )


def answer_shown(answer: Answer, form: Form | None, output: Path | None = None) -> None:
    """Show what a verb answered: on the screen or in a file."""
    show(answer.envelope(), form, output)
