"""The full BACI release of CEPII, as downloaded: one zip, any HS revision, any years.

The open extracts leave out whole stages (alumina, ferro-alloys, matte, refined zinc). The full
release has them; a user who brings it lifts grades from C. The zip holds one file a year,
`BACI_HS17_Y2023_V202501.csv` with columns t, i, j, k, v, q (year, exporter, importer, code,
thousand USD, gross tonnes), a `country_codes_V202501.csv` and a `product_codes_HS17_V202501.csv`.
Codes lose their leading zero in these files and quantities may be `NA` or blank.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from lodestone.atlas.readers.baci_rows import ROW_SCHEMA, customs_rows
from lodestone.terms.errors import DataError, Problems, RequestError

_YEAR_FILE = re.compile(r"^BACI_(HS\d{2})_Y(\d{4})_V(\d{6}\w*)\.csv$")
_COUNTRY_FILE = re.compile(r"^country_codes_V(\d{6}\w*)\.csv$")
_COLUMNS = ("t", "i", "j", "k", "v", "q")
_BLANKS = ("", "NA")
_SHOWN = 20


@dataclass(frozen=True)
class _Layout:
    """What a zip claims to hold: its revision, its files by year, its list of countries."""

    revision: str
    years: dict[int, str]
    countries: str


def read_baci_zip(
    path: Path, codes: Iterable[str] | None = None, years: Iterable[int] | None = None
) -> pl.DataFrame:
    """Rows of a full BACI release, one code list and one span of years at a time.

    Parameters
    ----------
    path
        The zip as CEPII publishes it (`BACI_HS17_V202501.zip`).
    codes
        Six-digit codes to keep; None keeps the codes of the rule table for the zip's revision.
    years
        Years to keep; None keeps all. Only these members of the zip are unpacked.

    Returns
    -------
    polars.DataFrame
        `ROW_SCHEMA`, source `baci_full_hs17` (by revision), places as ISO3, missing quantities
        null. Each year is streamed from a temporary file, so memory is bounded by the kept rows.

    Raises
    ------
    DataError
        The zip has another layout, mixes revisions or editions, or cells cannot be read:
        everything that is wrong, with file and row.
    RequestError
        A year that the zip does not have.
    """
    problems = Problems(str(path.name))
    with _opened(path) as archive:
        layout = _layout(archive, problems)
        wanted = _codes(layout.revision, codes)
        countries = _countries(archive, layout, problems)
        parts = [
            _year(archive, layout, year, wanted, countries, problems)
            for year in _years(layout, years)
        ]
        problems.raise_if_any()
    return pl.concat(parts) if parts else pl.DataFrame(schema=ROW_SCHEMA)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except FileNotFoundError as error:
        raise DataError(f"{path}: no such file; give the zip downloaded from CEPII") from error
    except zipfile.BadZipFile as error:
        raise DataError(f"{path}: not a zip archive; download it again ({error})") from error


def _layout(archive: zipfile.ZipFile, problems: Problems) -> _Layout:
    """Find the yearly files and the country list; refuse mixed revisions and editions."""
    yearly: dict[tuple[str, str], dict[int, str]] = {}
    countries: dict[str, str] = {}
    for member in archive.namelist():
        name = Path(member).name
        if found := _YEAR_FILE.match(name):
            revision, year, edition = found.groups()
            yearly.setdefault((revision, edition), {})[int(year)] = member
        elif found := _COUNTRY_FILE.match(name):
            countries[found.group(1)] = member
    if not yearly:
        problems.add(
            "no file named like BACI_HS17_Y2023_V202501.csv",
            mend="give the whole zip of one HS revision, not a part of it",
        )
    if len(yearly) > 1:
        found_sets = ", ".join(f"{rev} V{ed}" for rev, ed in sorted(yearly))
        problems.add(
            f"several revisions or editions in one zip: {found_sets}",
            mend="one zip holds one HS revision of one edition; split it",
        )
    edition = next((ed for _, ed in yearly), "")
    if yearly and edition not in countries:
        problems.add(
            f"country_codes_V{edition}.csv is missing",
            mend="the zip of CEPII holds it; repack the whole folder",
        )
    problems.raise_if_any()
    (revision, edition), years = next(iter(yearly.items()))
    return _Layout(revision, years, countries[edition])


def _codes(revision: str, codes: Iterable[str] | None) -> list[str]:
    if codes is None:
        from lodestone.atlas.rules.trade_rules import load_trade_rules

        return sorted(load_trade_rules().codes(revision))
    wanted = sorted(set(codes))
    wrong = [code for code in wanted if not re.fullmatch(r"\d{6}", code)]
    if wrong:
        raise RequestError(f"codes have six digits: {', '.join(wrong)}")
    return wanted


def _years(layout: _Layout, years: Iterable[int] | None) -> list[int]:
    if years is None:
        return sorted(layout.years)
    wanted = sorted(set(years))
    missing = [year for year in wanted if year not in layout.years]
    if missing:
        have = f"{min(layout.years)}-{max(layout.years)}"
        raise RequestError(f"the zip has no year {missing}; it holds {have}")
    return wanted


def _countries(archive: zipfile.ZipFile, layout: _Layout, problems: Problems) -> dict[int, str]:
    """Customs number to ISO3 as the release's own list says."""
    with _unpacked(archive, layout.countries) as file:
        frame = _csv(file, ("country_code", "country_iso3"), layout.countries, problems)
        if frame is None:
            problems.raise_if_any()
            return {}
        rows = frame.select("country_code", "country_iso3").collect()
    countries: dict[int, str] = {}
    for number, (code, iso3) in enumerate(rows.iter_rows(), start=1):
        if code is None or not code.strip().isdigit() or not iso3:
            problems.add(
                f"{code!r}, {iso3!r} is not a country number and an ISO3 code",
                f"{layout.countries}, row {number}",
                "fetch the zip again",
            )
            continue
        countries[int(code)] = iso3.strip()
    return countries


def _year(
    archive: zipfile.ZipFile,
    layout: _Layout,
    year: int,
    codes: list[str],
    countries: dict[int, str],
    problems: Problems,
) -> pl.DataFrame:
    member = layout.years[year]
    empty = pl.DataFrame(schema=ROW_SCHEMA)
    with _unpacked(archive, member) as file:
        scan = _csv(file, _COLUMNS, member, problems)
        if scan is None:
            return empty
        kept = (
            scan.with_row_index("row", offset=1)
            .with_columns(pl.col("k").str.strip_chars().str.zfill(6))
            .filter(pl.col("k").is_in(codes))
            .collect(engine="streaming")
        )
    numbers = _numbers(kept, member, year, problems)
    known = _known_places(numbers, member, countries, problems)
    if known.is_empty():
        return empty
    source = f"baci_full_{layout.revision.lower()}"
    return customs_rows(
        known.select(
            pl.lit(source).alias("source"),
            pl.col("k").alias("code"),
            pl.lit(layout.revision).alias("revision"),
            pl.lit(year, dtype=pl.Int32).alias("year"),
            "exporter",
            "importer",
            pl.col("v").alias("value_kusd"),
            pl.col("q").alias("gross_t"),
        ),
        member,
        problems,
    )


def _numbers(kept: pl.DataFrame, member: str, year: int, problems: Problems) -> pl.DataFrame:
    """Numbers of the kept rows; a cell that is not one is a problem with its row."""
    text = kept.with_columns(pl.col(name).str.strip_chars() for name in ("t", "i", "j", "v", "q"))
    text = text.with_columns(
        pl.when(pl.col(name).is_in(_BLANKS)).then(None).otherwise(pl.col(name)).alias(name)
        for name in ("v", "q")
    )
    parsed = text.with_columns(
        pl.col("t", "i", "j").cast(pl.Int32, strict=False).name.suffix("_number"),
        pl.col("v", "q").cast(pl.Float64, strict=False).name.suffix("_number"),
    )
    for name in _COLUMNS:
        if name == "k":
            continue
        bad = parsed.filter(pl.col(f"{name}_number").is_null() & pl.col(name).is_not_null())
        if name in ("t", "i", "j"):
            bad = parsed.filter(pl.col(f"{name}_number").is_null())
        for row, cell in bad.select("row", name).head(_SHOWN).iter_rows():
            problems.add(
                f"{cell!r} is not a number", f"{member}, row {row}, column {name}", "fetch again"
            )
    strange = parsed.filter(pl.col("t_number") != year)
    for row, cell in strange.select("row", "t").head(_SHOWN).iter_rows():
        problems.add(f"year {cell} in a file of {year}", f"{member}, row {row}, column t", "split")
    return parsed.select(
        "row", "k", *(pl.col(f"{name}_number").alias(name) for name in ("i", "j", "v", "q"))
    )


def _known_places(
    rows: pl.DataFrame, member: str, countries: dict[int, str], problems: Problems
) -> pl.DataFrame:
    """ISO3 by the release's own list; numbers it does not list are problems, once each."""
    for column, name in (("i", "exporter"), ("j", "importer")):
        rows = rows.with_columns(
            pl.col(column)
            .replace_strict(countries, default=None, return_dtype=pl.String)
            .alias(name)
        )
        unknown = rows.filter(pl.col(name).is_null() & pl.col(column).is_not_null())
        for number, first in (
            unknown.group_by(column).agg(pl.col("row").min()).sort(column).head(_SHOWN).iter_rows()
        ):
            problems.add(
                f"country number {number} is not in the country list",
                f"{member}, row {first}, column {column}",
                "use the country list of the same edition",
            )
    return rows.drop_nulls(["exporter", "importer"])


@contextmanager
def _unpacked(archive: zipfile.ZipFile, member: str) -> Iterator[Path]:
    """The member as a temporary file, copied in chunks: a year of BACI is 350 MB of text."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "member.csv"
        with archive.open(member) as packed, file.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
        yield file


def _csv(
    file: Path, columns: tuple[str, ...], member: str, problems: Problems
) -> pl.LazyFrame | None:
    """Lazy scan with every cell as text, or None when a column is missing."""
    try:
        scan = pl.scan_csv(file, infer_schema=False, encoding="utf8-lossy", null_values=None)
        names = scan.collect_schema().names()
    except pl.exceptions.PolarsError as error:
        problems.add(f"not a readable table ({error})", member, "fetch the zip again")
        return None
    missing = [name for name in columns if name not in names]
    for name in missing:
        problems.add(
            f"column {name!r} is missing",
            member,
            f"the file has {', '.join(names)}; BACI has t, i, j, k, v, q",
        )
    return None if missing else scan
