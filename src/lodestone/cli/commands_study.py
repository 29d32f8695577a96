"""Commands for thousands of scenarios.

The desk is imported inside the commands: `lodestone --help` loads none of the sciences.
"""

from __future__ import annotations

from pathlib import Path

import click

from lodestone.cli.options import (
    FOLDER,
    answer_shown,
    form_asked,
    only_materials,
    only_suppliers,
    output_asked,
    seed_asked,
    workers_asked,
    year_asked,
)
from lodestone.cli.render import Form


@click.group()
def study() -> None:
    """Run many scenarios: resumable, on this machine or a cluster."""


_study_folder = click.argument("folder", type=FOLDER, metavar="FOLDER")


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
@only_materials
@only_suppliers
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
@year_asked
@seed_asked
@workers_asked
@_dask
@form_asked
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
    answer_shown(answer, form)


@study.command("resume")
@_study_folder
@workers_asked
@_dask
@form_asked
def study_resume(folder: Path, workers: int, dask: str | None, form: Form | None) -> None:
    """Go on with the study in FOLDER where it was interrupted."""
    from lodestone import desk
    from lodestone.cli.progress import counting, say_if_compiling

    say_if_compiling()
    with counting("scenarios") as progress:
        answer = desk.study_resume(folder, workers=workers, dask=dask, progress=progress)
    answer_shown(answer, form)


@study.command("compare")
@click.argument("first", type=FOLDER, metavar="FOLDER")
@click.argument("second", type=FOLDER, metavar="FOLDER")
@form_asked
@output_asked
def study_compare(first: Path, second: Path, form: Form | None, output: Path | None) -> None:
    """Compare two finished studies: what changed, and which inputs differ."""
    from lodestone import desk

    answer_shown(desk.study_compare(first, second), form, output)
