"""Two finished studies side by side: what came out, and what was put in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lodestone.study.definition import TASK
from lodestone.study.identity import Difference, differences
from lodestone.study.results import Results, read_results
from lodestone.terms.errors import Problems, RequestError

if TYPE_CHECKING:
    import polars as pl

_NUMBERS = ("Float64", "Int64")
_ADDED = ("value", "in_a", "in_b", "difference", "only_in")


@dataclass(frozen=True)
class Comparison:
    """Values of two studies, and the inputs that are not the same.

    Attributes
    ----------
    rows
        One for each key and compared column, in the order of keys. Columns: those of the key;
        `value`, the name of the compared column; `in_a` and `in_b`, its numbers (null where
        missing); `difference`, b minus a (null unless both are there); `only_in`, 'a' or 'b'
        where the other study has no row of that key.
    inputs
        Everything in the two descriptions that differs: identity, work, tasks.
    """

    rows: pl.DataFrame
    inputs: tuple[Difference, ...]

    def changed(self) -> pl.DataFrame:
        """The rows whose number or presence is not the same in both."""
        import polars as pl

        same = pl.col("in_a").eq_missing(pl.col("in_b")) & pl.col("only_in").is_null()
        return self.rows.filter(~same)


def compare(
    folder_a: Path, folder_b: Path, on: Sequence[str] = (TASK,), values: Sequence[str] = ()
) -> Comparison:
    """Compare the results of two finished studies.

    Parameters
    ----------
    on
        Columns that together name a row; null is a value like any other.
    values
        Number columns to compare; all that are not in `on`, if none is named.

    Raises
    ------
    RequestError
        If the studies have other columns (lists them), a column is unknown or holds no numbers,
        or `on` does not tell rows apart (names a key that repeats).
    DataError
        If a study is not finished or was altered.
    """
    a, b = read_results(folder_a), read_results(folder_b)
    _refuse_other_columns(a, b)
    columns = a.manifest.columns
    numbers = [name for name, dtype in columns.items() if dtype in _NUMBERS and name not in on]
    compared = list(values) or numbers
    _refuse_bad_columns(columns, on, compared)
    rows = _joined(_long(a, on, compared), _long(b, on, compared), on, compared)
    return Comparison(rows, differences(a.manifest.study, b.manifest.study))


def _refuse_other_columns(a: Results, b: Results) -> None:
    problems = Problems(f"{a.folder} and {b.folder} cannot be compared")
    for one in differences(a.manifest.columns, b.manifest.columns):
        problems.add(f"{one.a} in a, {one.b} in b", f"column {one.where}")
    problems.raise_if_any(RequestError)


def _refuse_bad_columns(columns: dict[str, str], on: Sequence[str], values: list[str]) -> None:
    known = ", ".join(columns)
    problems = Problems("comparison")
    for name in (name for name in [*on, *values] if name not in columns):
        problems.add(f"no column {name!r}", "on or values", f"the studies have {known}")
    for name in (name for name in values if columns.get(name, "Int64") not in _NUMBERS):
        problems.add(f"{name!r} holds no numbers", "values", "name number columns")
    for name in (name for name in on if name in _ADDED or name in values):
        problems.add(f"{name!r} cannot be part of a key here", "on", "name other columns")
    if not on or not values:
        problems.add("no columns", "on or values", f"the studies have {known}")
    problems.raise_if_any(RequestError)


def _long(results: Results, on: Sequence[str], values: list[str]) -> pl.DataFrame:
    """One row for each key and value: the key, `value` (name), `number`."""
    import polars as pl

    keys = results.frame.select(on)
    repeated = keys.filter(keys.is_duplicated())
    if repeated.height:
        raise RequestError(
            f"{results.folder}: the key ({', '.join(on)}) does not tell rows apart, for example "
            f"{repeated.row(0)}: name more columns"
        )
    numbers = results.frame.select(*on, *(pl.col(name).cast(pl.Float64) for name in values))
    return numbers.unpivot(values, index=on, variable_name="value", value_name="number")


def _joined(a: pl.DataFrame, b: pl.DataFrame, on: Sequence[str], values: list[str]) -> pl.DataFrame:
    import polars as pl

    here_a = a.rename({"number": "in_a"}).with_columns(pl.lit(True).alias("_a"))
    here_b = b.rename({"number": "in_b"}).with_columns(pl.lit(True).alias("_b"))
    both = here_a.join(here_b, on=[*on, "value"], how="full", coalesce=True, nulls_equal=True)
    without_b = pl.when(pl.col("_b").is_null()).then(pl.lit("a"))
    only_in = without_b.when(pl.col("_a").is_null()).then(pl.lit("b")).otherwise(None)
    return (
        both.with_columns(
            pl.col("value").cast(pl.Enum(values)),
            (pl.col("in_b") - pl.col("in_a")).alias("difference"),
            only_in.alias("only_in"),
        )
        .sort(*on, "value", nulls_last=True)
        .with_columns(pl.col("value").cast(pl.String))
        .select(*on, *_ADDED)
    )
