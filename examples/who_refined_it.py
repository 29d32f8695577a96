"""Who ships a material to a buyer, and who made it: direct and look-through, side by side.

Run: python examples/who_refined_it.py [material] [buyer] [year]
"""

import sys

import lodestone as ls
from lodestone.desk.library import library


def main(name: str = "cobalt", buyer: str = "EU27", year: str = "2024") -> None:
    found = ls.material(name)
    books = library()
    for stage in (s.stage for s in books.chain(found.id, int(year)).stages):
        rows = books.dependence(buyer, year=int(year), material=found.id, stage=stage)
        share = {(r["lens"], r["origin"]): r for r in rows}
        origins = sorted({r["origin"] for r in rows if r["share"] > 0.05})
        print(f"{buyer} {year}, {found.stage_labels.get(stage, stage)}")
        print(f"  {'origin':8}{'shipped':>9}{'made':>9}   band of made")
        for origin in origins:
            shipped = share.get(("direct", origin))
            made = share.get(("look_through", origin))
            print(f"  {origin:8}{_percent(shipped):>9}{_percent(made):>9}   {_band(made)}")


def _percent(row: dict | None) -> str:
    return "under 1 %" if row is None else f"{100 * row['share']:.0f} %"


def _band(row: dict | None) -> str:
    return "" if row is None else f"{100 * row['low']:.0f}-{100 * row['high']:.0f} %"


if __name__ == "__main__":
    main(*sys.argv[1:])
