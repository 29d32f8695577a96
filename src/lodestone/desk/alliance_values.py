"""What every coalition is worth: walked markets of each material, put together into losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lodestone.desk.group_shortages import GROUP, counted_in_group
from lodestone.desk.shock_losses import _table
from lodestone.terms import attribute

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from lodestone.alliance.game import Game
    from lodestone.economy.exposure import Case
    from lodestone.economy.table import EconomyTable

    Floats = np.ndarray[Any, Any]

_MILLION = 1e6


@dataclass(frozen=True)
class MaterialTable:
    """What C coalitions of one material leave to k members, by month.

    Attributes
    ----------
    taking_part : coalition of those who take part
    coalitions : (C,) numbers of the distinct ones, the first 0
    does : (C) what each does
    missing, price_cost : (C, k, T)
    spend, use : (k,) in a normal year
    hoarding : share of exports that those alone keep back
    unproved : ways of acting for which no market could be proved, and which were passed over
    oil : (2, k, T) missing and price cost under the rule for oil; None where there is nothing to
        share by it, or where no market under it could be proved: `oil_unproved`
    """

    taking_part: int
    coalitions: tuple[int, ...]
    does: tuple[str, ...]
    missing: Floats
    price_cost: Floats
    spend: Floats
    use: Floats
    oil: Floats | None
    residual: float
    hoarding: float
    unproved: int
    oil_unproved: bool = False

    def at(self, which: Floats) -> Floats:
        """Row of the distinct coalition that each of some coalitions comes down to."""
        import numpy as np

        acting = which & self.taking_part
        rows = np.zeros(acting.shape, dtype=np.int64)
        for row, c in enumerate(self.coalitions):
            rows[acting == c] = row
        return rows


@dataclass(frozen=True)
class AllianceValues:
    """Losses of n members under every coalition, one way of acting alone, one set of assumptions.

    Attributes
    ----------
    members, year : who, when
    materials : tables by material, parts of a group among them
    """

    members: tuple[str, ...]
    year: int
    materials: Mapping[str, MaterialTable]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Materials with a price: others cannot be counted."""
        import numpy as np

        return tuple(m for m, t in self.materials.items() if np.isfinite(t.price_cost).all())

    def losses(
        self, case: Case, only: Sequence[str] = (), which: Sequence[int] | None = None
    ) -> Floats:
        """(C, n) million USD that each member loses under each coalition.

        The larger of price cost and value added lost (own and upstream) of all materials
        together; a sector that is short of several loses their parts once.

        Parameters
        ----------
        only : these materials; all if left out
        which : coalitions; all 2^n if left out, of at most 16 members
        """
        import numpy as np

        from lodestone.alliance.game import MOST_MEMBERS
        from lodestone.terms.errors import RequestError

        if which is None and len(self.members) > MOST_MEMBERS:
            raise RequestError(f"{len(self.members)} members: name the coalitions to value")
        asked = np.arange(1 << len(self.members)) if which is None else np.array(which)
        names = [m for m in (only or self.names) if m in self.names]
        rows = np.stack([self.materials[m].at(asked) for m in names], axis=1)
        # many coalitions come down to the same ones in every material
        unique, back = np.unique(rows, axis=0, return_inverse=True)
        found = np.empty((unique.shape[0], len(self.members)))
        for k in range(len(self.members)):
            found[:, k] = self._of_member(k, case, names, unique)
        return np.asarray(found[back.reshape(-1)])

    def price_cost(self, k: int, names: Sequence[str], rows: Floats) -> Floats:
        """(U,) million USD; parts of a group are paid for in the group."""
        import numpy as np

        total = np.zeros(rows.shape[0])
        for n, m in enumerate(names):
            if not counted_in_group(m, names):
                cost = self.materials[m].price_cost[:, k].sum(axis=1) / _MILLION
                total += cost[rows[:, n]]
        return total

    def _of_member(self, k: int, case: Case, names: Sequence[str], rows: Floats) -> Floats:
        import numpy as np

        paid = self.price_cost(k, names, rows)
        table = _table(self.members[k], self.year)
        if table is None:
            return paid
        output = self._output_lost(k, table, case, names, rows)
        return np.fmax(paid, output) if output.any() else paid

    def _output_lost(
        self, k: int, table: EconomyTable, case: Case, names: Sequence[str], rows: Floats
    ) -> Floats:
        """(U,) value added lost in the whole economy, million USD."""
        import numpy as np

        from lodestone.economy.upstream_many import with_upstream_many

        shares = self._shares(k, table, case, names)
        if not shares:
            return np.zeros(rows.shape[0])
        sectors = np.flatnonzero(
            np.any([(s > 0.0).any(axis=(0, 2)) for s in shares.values()], axis=0)
        )
        cut = {m: s[:, sectors, :] for m, s in shares.items()}
        months = next(iter(cut.values())).shape[2]
        direct = np.zeros((len(table.sectors), rows.shape[0]))
        for u in range(rows.shape[0]):
            kept = np.ones((sectors.size, months))
            worst: Floats | None = None
            for n, m in enumerate(names):
                if m not in cut:
                    continue
                lost = cut[m][rows[u, n]]
                if m == GROUP or counted_in_group(m, names):
                    worst = lost if worst is None else np.maximum(worst, lost)
                else:
                    kept = kept * (1.0 - lost)
            if worst is not None:
                kept = kept * (1.0 - worst)
            direct[sectors, u] = np.minimum((1.0 - kept).mean(axis=1), 1.0)
        lost = with_upstream_many(table, direct * table.output[:, None])
        value_added = (table.value_added_share[:, None] * lost).sum(axis=0)
        return np.asarray(value_added * (months / 12.0))

    def _shares(
        self, k: int, table: EconomyTable, case: Case, names: Sequence[str]
    ) -> dict[str, Floats]:
        """(C, n, T) share of each sector's output lost to each material, by coalition."""
        import numpy as np

        from lodestone.desk.exposures import exposures
        from lodestone.economy.exposure import lost_share

        exposed = exposures(self.members[k], self.year)
        a = attribute("sigma")
        sigma = (float(a.high), float(a.default), float(a.low))[case]
        found = {}
        for m in names:
            held = self.materials[m]
            if m in exposed and held.spend[k] == held.spend[k]:
                spend = float(held.spend[k]) / _MILLION
                found[m] = np.stack(
                    [
                        lost_share(table, exposed[m], spend, missing[k], sigma, case)
                        for missing in held.missing
                    ]
                )
        return found

    def game(self, case: Case, only: Sequence[str] = ()) -> Game:
        """Losses that members avoid together, beyond what they avoid alone, million USD."""
        from lodestone.alliance.from_losses import acting, game_of_losses

        return game_of_losses(self.members, acting(self.losses(case, only)))


def values_of(
    frame: pl.DataFrame, members: tuple[str, ...], year: int, mode: str, draw: int = -1
) -> AllianceValues:
    """Tables of a study's rows, for one way of acting alone and one set of assumptions."""
    import polars as pl

    here = frame.filter((pl.col("mode") == mode) & (pl.col("draw") == draw))
    found = {
        str(name): _material_table(part, members)
        for (name,), part in here.group_by("material", maintain_order=True)
    }
    return AllianceValues(members, year, dict(sorted(found.items())))


def _material_table(part: pl.DataFrame, members: tuple[str, ...]) -> MaterialTable:
    import numpy as np
    import polars as pl

    from lodestone.desk.alliance_work import OIL, OIL_UNPROVED

    def cube(rows: pl.DataFrame, column: str) -> Floats:
        values = rows[column].cast(pl.Float64).fill_null(np.nan).to_numpy()
        return np.asarray(values.reshape(-1, len(members), months))

    months = int(part["month"].max() or 0) + 1  # type: ignore[arg-type]
    oil = part.filter(pl.col("does") == OIL)
    own = part.filter(~pl.col("does").is_in([OIL, OIL_UNPROVED]))
    heads = own.filter((pl.col("month") == 0) & (pl.col("member") == members[0]))
    first = own.head(len(members) * months).filter(pl.col("month") == 0)
    return MaterialTable(
        sum(1 << k for k, p in enumerate(first["part"].to_list()) if p),
        tuple(int(c) for c in heads["coalition"]),
        tuple(str(d) for d in heads["does"]),
        cube(own, "missing"),
        cube(own, "price_cost"),
        first["spend"].cast(pl.Float64).fill_null(np.nan).to_numpy(),
        first["use"].to_numpy(),
        np.concatenate([cube(oil, "missing"), cube(oil, "price_cost")]) if oil.height else None,
        float(own["residual"].max() or 0.0),  # type: ignore[arg-type]
        float(first["hoarding"][0]),
        int(part["unproved"].max() or 0),  # type: ignore[arg-type]
        bool((part["does"] == OIL_UNPROVED).any()),
    )
