"""The verbs of studies: many scenarios at once, resumable, on one core or a cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodestone import __version__
from lodestone.desk.answer import Answer
from lodestone.desk.library import library
from lodestone.desk.shocking import PLACES
from lodestone.desk.worlds import world
from lodestone.terms import material, place
from lodestone.terms.errors import RequestError

if TYPE_CHECKING:
    import numpy as np

    from lodestone.chain.world import World
    from lodestone.study.definition import StudyDefinition
    from lodestone.study.results import Results
    from lodestone.study.runner import Runner

#: A supplier of less than this share of a stage is left out of the grid.
LEAST_SHARE = 0.01
#: Exports below this share of world output are rounding: such a supplier sells at home alone.
_EXPORTS = 1e-9
#: Rows of an answer; the archive holds them all.
_SHOWN = 20
_CHUNK = 20
Progress = Callable[[int, int], None]


def study_run(
    folder: Path,
    *,
    grid: bool = False,
    samples: int = 0,
    year: int | None = None,
    materials: Sequence[str] = (),
    suppliers: Sequence[str] = (),
    places: Sequence[str] = PLACES,
    months: int | None = None,
    seed: int = 0,
    workers: int = 1,
    dask: str | None = None,
    progress: Progress | None = None,
) -> Answer:
    """Run a study into a folder, or go on with it where it was interrupted.

    Parameters
    ----------
    folder : new, or of an earlier run of the same study
    grid : every supplier of more than 1 % of a stage, one export stop each
    samples : that many sampled scenarios: a supplier hits some of its materials, with drawn
        severity, duration and assumptions
    materials, suppliers : only these; all if left out
    places : whose prices and shortages to keep
    months : months walked; 0 (grid only, the default there) clears each market a year into the
        stop; samples walk 36
    seed : of the samples
    workers : processes on this machine; 1 calculates in this one
    dask : address of a Dask scheduler instead

    Returns
    -------
    Answer
        The rows with the largest losses; all rows lie in `folder/results.parquet`.

    Raises
    ------
    RequestError
        Neither or both kinds, unknown words, or a folder of another study.
    """
    definition = _definition(
        _options(grid, samples, year, materials, suppliers, places, months, seed)
    )
    return _run(definition, folder, runner(workers, dask), progress)


def study_resume(
    folder: Path, *, workers: int = 1, dask: str | None = None, progress: Progress | None = None
) -> Answer:
    """Go on with a study that was interrupted: the folder knows what it is.

    Raises
    ------
    RequestError
        No study there, or one of another version of the code or data.
    """
    from lodestone.study.manifest import read_manifest

    found = read_manifest(folder)
    options = found.study.get("identity", {}).get("options")
    if not isinstance(options, Mapping):
        raise RequestError(f"{folder} holds no study of export stops; run it by its own program")
    return _run(_definition(dict(options)), folder, runner(workers, dask), progress)


def study_compare(folder_a: Path, folder_b: Path) -> Answer:
    """Compare two finished studies: which numbers changed, and which inputs.

    Returns
    -------
    Answer
        Rows of kind `input` (what was put in and differs) and `number` (the largest changes:
        `in_a`, `in_b`, `difference`).
    """
    import polars as pl

    from lodestone.study.compare import compare
    from lodestone.study.results import read_results

    columns = read_results(folder_a).frame.columns
    on = [c for c in ("task", "material", "place") if c in columns]
    values = [c for c in ("price_outside", "use_lost", "missing") if c in columns]
    found = compare(folder_a, folder_b, on, values)
    changed = found.changed().sort(pl.col("difference").abs(), descending=True, nulls_last=True)
    rows: list[dict[str, Any]] = [
        {"table": "input", "where": d.where, "in_a": str(d.a), "in_b": str(d.b)}
        for d in found.inputs
    ]
    rows += [
        {"table": "number", "number": r.pop("value"), **r} for r in changed.head(_SHOWN).to_dicts()
    ]
    return _answer(
        {"verb": "study compare", "a": str(folder_a), "b": str(folder_b)},
        rows,
        (f"{changed.height} of {found.rows.height} numbers differ; {len(found.inputs)} inputs.",),
    )


def _options(
    grid: bool,
    samples: int,
    year: int | None,
    materials: Sequence[str],
    suppliers: Sequence[str],
    places: Sequence[str],
    months: int | None,
    seed: int,
) -> dict[str, Any]:
    """What decides the results, as plain data."""
    if grid == bool(samples):
        raise RequestError("a grid (--grid) or samples (--samples N): one of the two")
    walked = (0 if grid else 36) if months is None else months
    if not (0 if grid else 1) <= walked <= 240 or samples < 0 or seed < 0:
        raise RequestError(
            f"months {walked}, samples {samples}, seed {seed}: months 0 to 240 (samples: from 1), "
            "the others not negative"
        )
    return {
        "kind": "grid" if grid else "sample",
        "samples": samples,
        "year": world(year).year,
        "materials": sorted({material(m).id for m in materials}),
        "suppliers": sorted({place(s).iso3 for s in suppliers}),
        "places": list(places),
        "months": walked,
        "seed": seed,
    }


def _definition(options: dict[str, Any]) -> StudyDefinition:
    from lodestone.desk.study_work import GRID_SCHEMA, SAMPLE_SCHEMA
    from lodestone.study.definition import StudyDefinition
    from lodestone.study.task import Task

    there = world(options["year"])
    grid = options["kind"] == "grid"
    payloads = _grid(there, options) if grid else _samples(there, options)
    if not payloads:
        raise RequestError("nothing to study: no supplier of more than 1 % among those named")
    return StudyDefinition(
        name=f"export-{'stops' if grid else 'cuts'}-{there.year}",
        tasks=[Task(key, payload) for key, payload in payloads],
        work=f"lodestone.desk.study_work:{'export_stop' if grid else 'sampled_shock'}",
        schema=GRID_SCHEMA if grid else SAMPLE_SCHEMA,
        identity={
            "code": __version__,
            "data": there.content_hash,
            "assumptions": assumptions_table(),
            "options": options,
        },
        chunk_size=_CHUNK,
        initialise="lodestone.desk.study_work:warm",
    )


def assumptions_table() -> dict[str, list[float]]:
    """Every assumption with its band: another table is another study."""
    from lodestone.market.assumptions import NAMES
    from lodestone.terms import attribute

    items = {n: attribute(n) for n in NAMES}
    return {n: [float(a.low), float(a.default), float(a.high)] for n, a in items.items()}


def supplier_cells(
    there: World, materials: Sequence[str] = (), suppliers: Sequence[str] = ()
) -> list[tuple[str, str, str, float]]:
    """(material, stage, supplier, share) of every exporter of more than 1 % of a stage's output."""
    import numpy as np

    from lodestone.chain.links import traced_links

    found = []
    for name in there.chains:
        if materials and name not in materials:
            continue
        chain = there.chain(name)
        for stage in chain.stages:
            world_output = stage.output.sum()
            links = traced_links(stage)
            abroad = (links.sum(axis=1) - np.diag(links)) / world_output
            found += [
                (name, stage.stage, code, float(share))
                for code, share, out in zip(
                    chain.places, stage.output / world_output, abroad, strict=True
                )
                if share > LEAST_SHARE
                and out > _EXPORTS
                and code != "XOT"
                and (not suppliers or code in suppliers)
            ]
    return found


def _grid(there: World, options: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    cells = supplier_cells(there, options["materials"], options["suppliers"])
    return [
        (
            f"{name}:{stage}:{code}",
            {
                "year": there.year,
                "material": name,
                "stage": stage,
                "supplier": code,
                "supply_share": share,
                "months": options["months"],
                "places": options["places"],
            },
        )
        for name, stage, code, share in cells
    ]


def _samples(there: World, options: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Sampled scenarios: suppliers by how many cells they hold, hits and assumptions drawn.

    A supplier hits either everything it supplies (three in ten) or each material with
    probability one quarter; severity is uniform from 0.2 to 1, the duration exponential with a
    mean of 12 months. These are the sampler's own rules, not estimates of likelihood.
    """
    import numpy as np
    from scipy.stats import qmc

    from lodestone.market.assumptions import NAMES

    cells = supplier_cells(there, options["materials"], options["suppliers"])
    if not cells:
        return []
    held: dict[str, list[str]] = {}
    for name, _stage, code, _share in cells:
        if name not in held.setdefault(code, []):
            held[code].append(name)
    codes = sorted(held)
    weight = np.array([len(held[c]) for c in codes], dtype=float)
    count = int(options["samples"])
    sobol = qmc.Sobol(len(NAMES), scramble=True, rng=np.random.default_rng(options["seed"]))
    quantiles = sobol.random_base2(max(int(np.ceil(np.log2(count))), 0))
    found = []
    for k in range(count):
        rng = np.random.default_rng([options["seed"], k])
        code = codes[int(rng.choice(len(codes), p=weight / weight.sum()))]
        hits = _hits(rng, held[code], options["months"])
        found.append(
            (
                f"{k:06d}",
                {
                    "sample": k,
                    "year": there.year,
                    "supplier": code,
                    "hits": hits,
                    "months": options["months"],
                    "places": options["places"],
                    "quantiles": [float(q) for q in quantiles[k]],
                },
            )
        )
    return found


def _hits(rng: np.random.Generator, names: Sequence[str], months: int) -> list[dict[str, Any]]:
    everything = rng.random() < 0.3
    chosen = [n for n in names if rng.random() < 0.25 or everything]
    if not chosen:
        chosen = [names[int(rng.integers(len(names)))]]
    severity = float(rng.uniform(0.2, 1.0))
    begins = int(rng.integers(0, min(6, months)))
    lasts = int(min(max(rng.exponential(12.0) + 1.0, 1.0), months - begins))
    return [
        {"material": n, "severity": round(severity, 4), "begins": begins, "lasts": lasts}
        for n in chosen
    ]


def runner(workers: int, dask: str | None) -> Runner:
    from lodestone.study.dask_runner import DaskRunner
    from lodestone.study.process_runner import ProcessRunner
    from lodestone.study.runner import SerialRunner

    if workers < 1:
        raise RequestError(f"{workers} workers: at least one")
    if dask:
        return DaskRunner(dask)
    return ProcessRunner(workers) if workers > 1 else SerialRunner()


def _run(
    definition: StudyDefinition, folder: Path, runner: Runner, progress: Progress | None
) -> Answer:
    from lodestone.study.run import run_study

    results = run_study(definition, folder, runner, progress)
    return _answer(
        {"verb": "study run", "folder": str(folder), "study": definition.run_id},
        _largest(results),
        _said(results, folder),
    )


def _largest(results: Results) -> list[dict[str, Any]]:
    """The rows that lose most."""
    import polars as pl

    frame = results.frame.filter(pl.col("status") == "ok").sort(
        ["use_lost", "task", "place"], descending=[True, False, False], nulls_last=True
    )
    return [
        {k: v for k, v in row.items() if k not in ("status", "reason")}
        for row in frame.head(_SHOWN).to_dicts()
    ]


def _said(results: Results, folder: Path) -> tuple[str, ...]:
    import polars as pl

    frame = results.frame
    tasks = frame.get_column("task").n_unique()
    failures = results.failures()
    worst = float(frame.select(pl.col("residual").max()).item() or 0.0)
    slow = ""
    if "newton_steps" in frame.columns:
        top = frame.sort(pl.col("newton_steps"), descending=True, nulls_last=True).head(1)
        slow = f"; most steps {top['newton_steps'][0]} ({top['task'][0]})"
    return (
        f"Results: {folder / 'results.parquet'}",
        f"{tasks} scenarios, {frame.height} rows, {len(failures)} without a proved answer; worst "
        f"residual {worst:.1e}{slow}.",
        "Shown are the rows with the largest share of use lost; prices in base prices.",
        *(f"{key}: {reason}" for key, reason in failures[:5]),
    )


def _answer(
    query: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], notes: tuple[str, ...]
) -> Answer:
    books = library()
    return Answer(
        query=query,
        results=tuple(rows),
        units={"supply_share": "share", "use_lost": "share", "price_outside": "base prices"},
        sources=(),
        notes=notes,
        data_release=books.release.version,
        content_hash=books.release.content_hash,
    )
