"""What each published series is: material, stage, quantity, unit and content basis.

Three reviewed lists beside this file say it series by series: `tables/world_series.csv` (the
world tables of all editions), `tables/us_series.csv` (United States series and import sources of
2026) and `tables/us_columns.csv` (columns of the United States files of 2023 and 2024). A series
without a material is skipped for the reason given there; a series in no list is a problem. Rows
with a stage may be added up; a total of rows that stand beside it, or another count of the same
thing, has no stage.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache

from lodestone.atlas.readers.usgs.reviewed import reviewed
from lodestone.terms.errors import Problems

EVERY = "*"


@dataclass(frozen=True)
class Series:
    """One line of a reviewed list.

    Attributes
    ----------
    edition : years of the editions that print the series, such as `2023 2024`
    commodity, measure, series : the publisher's words (chapter or file, statistic, series)
    material, stage, quantity : what it is; no material means that it is skipped
    unit : unit to use where the printed one is missing or wrong; empty: as printed
    basis : what the printed tonnes count, a basis of `lodestone.terms` or of `contents.csv`
    reason : why it is skipped, has no stage, or has another unit than printed
    detail : the publisher's name of the series; with the commodity before it where a material has
        series of several (iron ore and steel both print "All")
    """

    edition: str
    commodity: str
    measure: str
    series: str
    material: str
    stage: str
    quantity: str
    unit: str
    basis: str
    reason: str
    detail: str = ""

    @property
    def skipped(self) -> bool:
        """Whether the series is left out, for its `reason`."""
        return not self.material


@dataclass
class SeriesList:
    """One reviewed list, for one edition; it remembers which of its series a file has shown."""

    table: str
    edition: str

    def __post_init__(self) -> None:
        self._seen: set[tuple[str, str, str]] = set()
        self._exact: dict[tuple[str, str, str], Series] = {}
        self._patterns: list[Series] = []
        for line in _lines(self.table, self.edition):
            if any(EVERY in part for part in (line.commodity, line.measure, line.series)):
                self._patterns.append(line)
            else:
                self._exact[_key(line.commodity, line.measure, line.series)] = line

    def find(self, commodity: str, measure: str, series: str) -> Series | None:
        """Line for a series as printed, or None if no list names it."""
        key = _key(commodity, measure, series)
        found = self._exact.get(key)
        if found is not None:
            self._seen.add(key)
            return found
        return next((line for line in self._patterns if _matches(line, key)), None)

    def skips_whole(self, commodity: str) -> bool:
        """Whether every series of a chapter or file is skipped."""
        return any(
            line.series == EVERY and _plain(line.commodity) == _plain(commodity)
            for line in self._patterns
        )

    def report_missing(self, where: str, problems: Problems) -> None:
        """Note every series that the list names and the files of the edition did not show."""
        for key, line in self._exact.items():
            if key not in self._seen:
                words = ", ".join(filter(None, (line.commodity, line.measure, line.series)))
                problems.add(
                    f"the series {words!r} is gone",
                    where,
                    f"it was renamed or dropped: review usgs/tables/{self.table}.csv",
                )


@cache
def _lines(table: str, edition: str) -> tuple[Series, ...]:
    lines = [Series(**row) for row in reviewed(table) if edition in row["edition"].split()]
    commodities: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        commodities[line.material].add(line.commodity)
    return tuple(
        replace(
            line,
            detail=f"{line.commodity}: {line.series}"
            if len(commodities[line.material]) > 1
            else line.series,
        )
        for line in lines
    )


def _matches(line: Series, key: tuple[str, str, str]) -> bool:
    patterns = _key(line.commodity, line.measure or EVERY, line.series)
    return all(fnmatchcase(part, pattern) for part, pattern in zip(key, patterns, strict=True))


def _key(*words: str) -> tuple[str, str, str]:
    commodity, measure, series = (_plain(word) for word in words)
    return commodity, measure, series


def _plain(words: str) -> str:
    return " ".join(words.replace("\xa0", " ").split()).casefold()
