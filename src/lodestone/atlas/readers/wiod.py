"""World Input-Output Table 2011 (WIOD, release 2013): 41 regions, 35 sectors, million USD.

The whole table is for computations; `wiod_domestic` takes out of it what a release ships.

Traps it meets: Romania is ROM and the rest of the world RoW; the 27 EU members among the regions
are those of 2011, with the United Kingdom and without Croatia, so "the EU" of this table is not
EU27 of today; flows are rounded to whole millions.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from lodestone import terms
from lodestone.atlas.facts import Reading
from lodestone.atlas.readers.strict_table import csv_rows, number
from lodestone.terms.errors import Problems

SOURCE = "wiod_2011"
FLOWS = "io/wiod2013rel_2011_Z.parquet"
FINAL_USE = "io/wiod2013rel_2011_F.parquet"
OUTPUT = "io/wiod2013rel_2011_output.csv"
SECTORS = "io/wiod2013rel_sectors.csv"

_INDEX = "__index_level_0__"
_REST_OF_WORLD = "RoW"
_ROUNDING = 0.5  # a cell is printed to whole millions
FINAL_USES = {
    "f1": "final consumption of households",
    "f2": "final consumption of non-profit organisations serving households",
    "f3": "final consumption of government",
    "f4": "gross fixed capital formation",
    "f5": "changes in inventories and valuables",
}


def read(raw: Path) -> Reading:
    """Tables `wiod_flows`, `wiod_final_use`, `wiod_output` and `wiod_sectors`.

    Flows and final use are sparse: (place, sector) sells to (buyer, buyer_sector or use); a cell
    that is not there is a printed 0.

    Raises
    ------
    DataError
        For a missing file or column, an unknown region or sector, labels that differ between
        the files, or an output that is not the sum of its uses within rounding.
    """
    problems = Problems("World Input-Output Table 2011")
    sectors = {
        row["code"]: row["sector"] for row in csv_rows(raw, SECTORS, ("code", "sector"), problems)
    }
    labels, output = _output(raw, problems)
    places = _places(labels, sectors, problems)
    flows = _matrix(raw, FLOWS, labels, problems)
    final = _matrix(raw, FINAL_USE, labels, problems)
    problems.raise_if_any()
    gap = _check_balance(flows, final, labels, output, problems)
    buyers = [label for label in final.columns if label != _INDEX]
    tables = {
        "wiod_flows": _sparse(flows, labels, labels, places, "buyer_sector"),
        "wiod_final_use": _sparse(final, labels, buyers, places, "use"),
        "wiod_output": _output_table(labels, output, places),
        "wiod_sectors": pl.DataFrame({"code": list(sectors), "sector": list(sectors.values())}),
    }
    problems.raise_if_any()
    return Reading(tables, _notes(places, gap))


def _output(raw: Path, problems: Problems) -> tuple[list[str], list[float]]:
    rows = csv_rows(raw, OUTPUT, ("label", "output_usd_mn"), problems)
    values = [number(row["output_usd_mn"], row.where("output_usd_mn"), problems) for row in rows]
    return [row["label"] for row in rows], [value or 0.0 for value in values]


def _places(labels: list[str], sectors: dict[str, str], problems: Problems) -> dict[str, str]:
    """Place id of every region code; unknown regions and sectors become problems."""
    places: dict[str, str] = {_REST_OF_WORLD: "XOT"}
    for label in labels:
        region, _, sector = label.partition(".")
        if sector not in sectors:
            problems.add(f"unknown sector {sector!r}", f"{OUTPUT}, {label}", f"add it to {SECTORS}")
        if region in places:
            continue
        found = terms.find_place(region, "wiod")
        if found is None:
            what = f"unknown region {region!r}"
            problems.add(what, f"{OUTPUT}, {label}", "add it to the table of places")
        places[region] = found.iso3 if found else region
    return places


def _matrix(raw: Path, file: str, labels: list[str], problems: Problems) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(raw / file)
    except (OSError, pl.exceptions.PolarsError) as error:
        problems.add(f"cannot be read ({error})", file, "fetch the file again")
        return pl.DataFrame()
    if _INDEX not in frame.columns:
        problems.add(f"column {_INDEX!r} is missing", file, "it holds the label of each row")
    elif frame[_INDEX].to_list() != labels:
        problems.add("its rows are not those of the output file", file, "take one release for all")
    return frame


def _check_balance(
    flows: pl.DataFrame,
    final: pl.DataFrame,
    labels: list[str],
    output: list[float],
    problems: Problems,
) -> float:
    """Largest gap between an output and the sum of its uses; beyond rounding it is a problem."""
    used = np.hstack([flows.drop(_INDEX).to_numpy(), final.drop(_INDEX).to_numpy()])
    gap = np.abs(used.sum(axis=1) - np.array(output))
    for k in np.flatnonzero(gap > _ROUNDING * used.shape[1]):
        what = f"uses differ from output by {gap[k]:,.0f} million USD"
        problems.add(what, f"{OUTPUT}, {labels[k]}", "fetch the files again")
    return float(gap.max())


def _sparse(
    frame: pl.DataFrame, rows: list[str], cols: list[str], places: dict[str, str], buyer: str
) -> pl.DataFrame:
    values = frame.select(cols).to_numpy()
    at_row, at_col = np.nonzero(values)
    seller, use = [row.split(".") for row in rows], [col.split(".") for col in cols]
    places_sold = np.array([places[region] for region, _ in seller])
    places_used = np.array([places[region] for region, _ in use])
    return pl.DataFrame(
        {
            "place": places_sold[at_row],
            "sector": np.array([sector for _, sector in seller])[at_row],
            "buyer": places_used[at_col],
            buyer: np.array([sector for _, sector in use])[at_col],
            "value": values[at_row, at_col].astype(np.float64),
        }
    )


def _output_table(labels: list[str], output: list[float], places: dict[str, str]) -> pl.DataFrame:
    cells: list[tuple[Any, ...]] = []
    for label, value in zip(labels, output, strict=True):
        region, _, sector = label.partition(".")
        cells.append((places[region], sector, value))
    schema = {"place": pl.String, "sector": pl.String, "value": pl.Float64}
    return pl.DataFrame(cells, schema=schema, orient="row")


def _notes(places: dict[str, str], gap: float) -> list[str]:
    renamed = [f"{code} is {place}" for code, place in places.items() if code != place]
    return [
        f"WIOD: {', '.join(renamed)}; its EU is the 27 members of 2011 (GBR in, HRV not)",
        f"WIOD: output and the sum of uses differ by at most {gap:,.0f} million USD (rounding)",
    ]
