"""The open data release as the desk reads it: chains, dependences, facts, and what there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodestone.terms.errors import RequestError

if TYPE_CHECKING:
    from lodestone.atlas.release import Release
    from lodestone.chain.supply_chain import SupplyChain


@cache
def library(folder: Path | None = None) -> Library:
    """The library over the embedded release, or over another folder; opened once."""
    from lodestone.atlas.release import load_release

    return Library(load_release(folder))


class Library:
    """Questions to one data release, answered as plain rows or as chains."""

    def __init__(self, release: Release) -> None:
        self.release = release

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Rows of a SQL query over the release's tables; nulls are None."""
        columns = self.release.query(sql, list(parameters))
        names = list(columns)
        lists = [_plain_list(columns[n]) for n in names]
        return [dict(zip(names, values, strict=True)) for values in zip(*lists, strict=True)]

    def years(self, material: str | None = None) -> list[int]:
        """Years with a balanced chain (of one material, or of any)."""
        sql = "SELECT DISTINCT year FROM chain_stages"
        rows = (
            self.rows(f"{sql} ORDER BY year")
            if material is None
            else self.rows(f"{sql} WHERE material = ? ORDER BY year", [material])
        )
        return [int(r["year"]) for r in rows]

    def year(self, asked: int | None, material: str | None = None) -> int:
        """The year asked for, or the latest; RequestError names the nearest years there are."""
        have = self.years(material)
        subject = material or "any material"
        if not have:
            raise RequestError(
                f"no supply chain of {subject}: the open files hold no country data for it"
            )
        if asked is None:
            return have[-1]
        if asked not in have:
            near = sorted(have, key=lambda y: (abs(y - asked), y))[:3]
            raise RequestError(
                f"no data for {subject} in {asked}; the nearest years are "
                + ", ".join(str(y) for y in sorted(near))
            )
        return asked

    def materials(self, year: int) -> list[str]:
        """Ids of the materials with a chain in `year`."""
        sql = "SELECT DISTINCT material FROM chain_stages WHERE year = ? ORDER BY material"
        return [str(r["material"]) for r in self.rows(sql, [year])]

    def chain(self, material: str, year: int) -> SupplyChain:
        """The balanced chain of one material and year."""
        from lodestone.chain.published import chain_from_rows

        where = "WHERE material = ? AND year = ?"
        key = [material, year]
        return chain_from_rows(
            self.rows(f"SELECT * FROM chain_stages {where}", key),
            self.rows(f"SELECT * FROM chain_cells {where}", key),
            self.rows(f"SELECT * FROM chain_links {where}", key),
        )

    def chains(self, material: str) -> dict[int, SupplyChain]:
        """The balanced chains of one material by year, read at once."""
        from lodestone.chain.published import chain_from_rows

        parts: dict[int, tuple[list[Any], ...]] = defaultdict(lambda: ([], [], []))
        for k, table in enumerate(("chain_stages", "chain_cells", "chain_links")):
            for row in self.rows(f"SELECT * FROM {table} WHERE material = ?", [material]):
                parts[int(row["year"])][k].append(row)
        return {year: chain_from_rows(*parts[year]) for year in sorted(parts)}

    def stages(self, year: int) -> list[dict[str, Any]]:
        """One row a (material, stage) of a year, with unit, proof and seen share."""
        return self.rows(
            'SELECT * FROM chain_stages WHERE year = ? ORDER BY material, "order"', [year]
        )

    def dependence(
        self,
        buyer: str,
        *,
        year: int | None = None,
        material: str | None = None,
        lens: str | None = None,
        stage: str | None = None,
    ) -> list[dict[str, Any]]:
        """Shares of a buyer's supply by origin, with bands, largest first."""
        asked = {"year": year, "material": material, "lens": lens, "stage": stage}
        given = {k: v for k, v in asked.items() if v is not None}
        where = " AND ".join(["buyer = ?", *(f"{k} = ?" for k in given)])
        return self.rows(
            f"SELECT * FROM dependence WHERE {where} "
            "ORDER BY material, year, stage, lens, share DESC, origin",
            [buyer, *given.values()],
        )

    def buyers(self) -> set[str]:
        """Buyers whose dependence was computed with bands."""
        return {str(r["buyer"]) for r in self.rows("SELECT DISTINCT buyer FROM dependence")}

    def facts(self, ids: Iterable[str]) -> list[dict[str, Any]]:
        """Facts by id."""
        wanted = sorted(set(ids))
        if not wanted:
            return []
        marks = ", ".join("?" for _ in wanted)
        return self.rows(f"SELECT * FROM facts WHERE fact IN ({marks}) ORDER BY fact", wanted)


def _plain_list(column: Any) -> list[Any]:
    """A numpy column as Python values: masked and NaN become None."""
    if column.dtype.kind == "M":
        return [None if text == "NaT" else text[:10] for text in column.astype(str).tolist()]
    return [None if v != v else v for v in column.tolist()]
