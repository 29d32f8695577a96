"""Technology positions as the report draws them: one panel a place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lodestone.assess.technology_position import StagePosition, TechnologyPosition, is_held
from lodestone.desk.brief_labels import place_label
from lodestone.desk.technology_supply import SUPPLIERS
from lodestone.report.brief_content import Figure
from lodestone.report.charts.technology import TechnologyCell, TechnologyPanel, TechnologyRow
from lodestone.terms.membership import UNION

Row = Mapping[str, Any]
_Key = tuple[str, str, str | None, str, str | None]


def panels_of(
    positions: Sequence[TechnologyPosition], rows: Iterable[Row]
) -> tuple[TechnologyPanel, ...]:
    """One panel a place, from the positions and the rows that carry their grades and bands."""
    figures = {_key(row): _figure(row) for row in rows if row["table"] != "change"}
    years = {row["place"]: int(row["year"]) for row in rows}
    places = dict.fromkeys(position.place for position in positions)
    return tuple(
        TechnologyPanel(
            id=place,
            place=_name(place),
            year=years[place],
            suppliers=tuple(_name(supplier) for supplier in SUPPLIERS),
            rows=tuple(_row(p, figures) for p in positions if p.place == place),
        )
        for place in places
    )


def _row(position: TechnologyPosition, figures: Mapping[_Key, Figure]) -> TechnologyRow:
    technology, place = position.technology, position.place
    return TechnologyRow(
        technology=_words(technology),
        cells=tuple(_cell(position, stage, figures) for stage in position.stages),
        held=figures[technology, place, None, "held", None],
        held_stages=sum(is_held(stage.controlled) for stage in position.stages),
        on=tuple(figures.get((technology, place, None, "position", s)) for s in SUPPLIERS),
    )


def _cell(
    position: TechnologyPosition, stage: StagePosition, figures: Mapping[_Key, Figure]
) -> TechnologyCell:
    technology, place, name = position.technology, position.place, stage.supply.name
    controlled = figures[technology, place, name, "controlled", None]
    return TechnologyCell(
        stage=_words(name),
        controlled=controlled,
        on=tuple(figures.get((technology, place, name, "dependence", s)) for s in SUPPLIERS),
        judged=controlled.grade == "C" or controlled.kind == "judged",
    )


def _key(row: Row) -> _Key:
    measure = row.get("measure") or row["table"]
    return row["technology"], row["place"], row.get("stage"), measure, row.get("supplier")


def _figure(row: Row) -> Figure:
    return Figure(
        id=":".join(filter(None, map(str, _key(row)))),
        value=row["value"],
        unit="share",
        year=row["year"],
        kind=row["kind"] or "judged",
        low=row["low"],
        high=row["high"],
        grade=row["grade"],
        note=row["note"],
    )


def _words(name: str) -> str:
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def _name(place: str) -> str:
    return " + ".join(place_label(part) for part in place.split(UNION))
