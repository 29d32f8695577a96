"""British Geological Survey, World Mineral Statistics: output by country, 1971-2023.

Fourteen files, one a commodity; the same 28 columns stand in another order in each. The terms
of the survey forbid putting the data online, so these facts are built only from files the user
brings: they add yearly refined cobalt, nickel, copper and magnesium, and a second opinion.

Traps it meets: Congo (Brazzaville) stands under COD, the code of its neighbour; Kosovo under
1A0; gross minerals beside their lithium content; lithium hydroxide beside the spodumene it is
made from; smelter copper beside refined copper; ferronickel counted in two tables; `-----` is
nil, `...` is unknown, and 0 with code N is more than nothing.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from lodestone.atlas.facts import Reading, facts_frame
from lodestone.atlas.readers.bgs.series import Series, find_series, load_series
from lodestone.atlas.readers.bgs.values import Value, read_value
from lodestone.atlas.readers.strict_table import Names, Row, csv_rows
from lodestone.terms.errors import Problems

SOURCE = "bgs"
FOLDER = "bgs"
FIRST_YEAR = 2018

_COLUMNS = (
    "bgs_commodity_code",
    "bgs_commodity_trans",
    "bgs_statistic_type_trans",
    "bgs_sub_commodity_trans",
    "cgi_commodity_url",
    "concat_figure_notes_code",
    "concat_figure_notes_text",
    "concat_table_notes_code",
    "concat_table_notes_text",
    "country_iso2_code",
    "country_iso3_code",
    "country_trans",
    "data_precision_description",
    "erml_commodity",
    "erml_group",
    "erml_sub_commodity",
    "pole_of_inaccessibility_latitude",
    "pole_of_inaccessibility_longitude",
    "quantity",
    "quantity_in_book_style",
    "sdmx_code",
    "sdmx_translation",
    "units",
    "x",
    "y",
    "year",
    "yearbook_table_id",
    "yearbook_table_trans",
)
_YEAR_TAIL = "-01-01 00:00:00"
# Names that stand under the code of another place: the name is right.
_WRONG_CODES = {"Congo": "COD"}
# Names of states that are gone but whose place is still there.
_OLD_NAMES = ("German Federal Republic", "Rhodesia", "Zaire")


def read(raw: Path, since: int = FIRST_YEAR) -> Reading:
    """Facts of production by country from all `BGS_*.csv` files that the user has brought.

    Parameters
    ----------
    raw : folder of raw files; the survey's files lie in its folder `bgs`.
    since : first year to keep. The files begin in 1971; countries that are gone keep their
        retired codes (SUN, YUG, CSK, DDR).

    Returns
    -------
    Reading
        `facts` : `production` by stage, and `smelter_production` of copper, in tonnes.

    Raises
    ------
    DataError
        Once, with every missing column, unknown series, country, unit, code or bad number.
    """
    problems = Problems(FOLDER)
    files = sorted(path.name for path in (raw / FOLDER).glob("BGS_*.csv"))
    if not files:
        problems.add("no file BGS_*.csv there", FOLDER, "bring the survey's files, or skip it")
    names = Names(SOURCE, problems)
    rules = load_series()
    facts: list[dict[str, Any]] = []
    left_out: Counter[str] = Counter()
    moved: Counter[str] = Counter()
    for name in files:
        for row in csv_rows(raw, f"{FOLDER}/{name}", _COLUMNS, problems):
            year = _year(row, problems)
            if year is None or year < since:
                continue
            rule = find_series(rules, row, problems)
            if rule is not None and rule.material:
                facts += _fact(row, rule, year, names, moved, problems)
            elif rule is not None:
                left_out[f"{rule.label}: {rule.why}"] += 1
    problems.raise_if_any()
    kept = _without_placeholders(facts)
    notes = _notes(left_out, moved)
    if len(kept) < len(facts):
        notes.append(
            f"BGS: {len(facts) - len(kept)} empty cells of Germany before or after its unions"
            " dropped: the other German state has the figure of that year"
        )
    return Reading(tables={"facts": facts_frame(kept)}, notes=notes)


def _year(row: Row, problems: Problems) -> int | None:
    text = row["year"]
    if text.endswith(_YEAR_TAIL) and text[:4].isdigit() and len(text) == 4 + len(_YEAR_TAIL):
        return int(text[:4])
    problems.add(f"{text!r} is not a year", row.where("year"), "as in 2023-01-01 00:00:00")
    return None


def _fact(
    row: Row, rule: Series, year: int, names: Names, moved: Counter[str], problems: Problems
) -> list[dict[str, Any]]:
    """One fact of a row in a list; an empty list where something in the row is wrong."""
    place = names.place(row["country_trans"], row.where("country_trans"))
    value = read_value(row, rule, problems)
    if place is None or value is None:
        return []
    _check_code(row, place, names, moved, problems)
    return [
        {
            "fact": f"{SOURCE}:{row.file}:{row.number}",
            "source": SOURCE,
            "file": row.file,
            "material": rule.material,
            "stage": rule.stage,
            "quantity": rule.quantity,
            "detail": rule.label,
            "place": place,
            "year": year,
            "year_to": year,
            "value": value.value,
            "low": value.low,
            "high": value.high,
            "unit": "t",
            "basis": rule.counted_basis,
            "raw_value": row["quantity_in_book_style"] or row["quantity"],
            "raw_unit": row["units"],
            "flag": value.flag,
            "kind": "reported",
            "note": _note(row, rule, value),
        }
    ]


def _check_code(
    row: Row, place: str, names: Names, moved: Counter[str], problems: Problems
) -> None:
    """The printed three-letter code must mean the named country, or be a known slip."""
    code = row["country_iso3_code"]
    if not code or names.place(code, row.where("country_iso3_code")) == place:
        return
    if _WRONG_CODES.get(row["country_trans"]) == code:
        moved[f"{row['country_trans']} stands under {code}, kept as {place}"] += 1
        return
    problems.add(
        f"country {row['country_trans']!r} stands under the code {code!r} of another place",
        row.where("country_iso3_code"),
        "correct one of them",
    )


def _without_placeholders(facts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Facts without the unknown twin of a known one.

    Federal Germany and united Germany share a place, and in 1989-1991 each has a row: one with
    the figure and one that says "not available" because that state did not exist.
    """

    def key(fact: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(fact[name] for name in ("material", "stage", "detail", "place", "year"))

    known = {key(fact) for fact in facts if fact["value"] is not None}
    return [fact for fact in facts if fact["value"] is not None or key(fact) not in known]


def _note(row: Row, rule: Series, value: Value) -> str | None:
    figure = row["concat_figure_notes_text"].replace("|", " ")
    country = row["country_trans"]
    old = f"printed as {country}" if country in _OLD_NAMES or country in _WRONG_CODES else ""
    parts = (old, figure, rule.why, value.note)
    return "; ".join(part.rstrip(".") for part in parts if part) or None


def _notes(left_out: Counter[str], moved: Counter[str]) -> list[str]:
    return [
        *(f"BGS {what} ({count} rows)" for what, count in sorted(moved.items())),
        *(f"BGS left out: {what} ({count} rows)" for what, count in sorted(left_out.items())),
    ]
