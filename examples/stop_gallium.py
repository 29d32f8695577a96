"""What happens if a supplier stops exporting: prices and shortages by month.

Run: python examples/stop_gallium.py [supplier] [material] [months]
"""

import sys

import lodestone as ls


def main(supplier: str = "CHN", name: str = "gallium", months: str = "12") -> None:
    world = ls.world(2024)
    stop = ls.ExportBan(supplier, materials=[name])
    answer = ls.shock(world, stop, months=int(months), draws=8, sensitivity=False)
    frame = answer.to_frame()
    print(f"{supplier} stops {name}: price outside and inside, in prices of {world.year}")
    for row in frame.filter(frame["table"] == "market").iter_rows(named=True):
        inside = "nothing sold" if row["inside"] is None else f"{row['inside']:.2f}"
        print(f"  {row['date']}  {row['value']:7.2f}  {inside}")
    for row in frame.filter(frame["what"] == "use_lost_year").iter_rows(named=True):
        print(f"use lost in the first year, {row['place']}: {100 * row['value']:.0f} %")
    proof = answer.answers[ls.material(name).id].path
    print(f"proved: residual {proof.residual:.0e}, duality gap {proof.gap:.0e}")


if __name__ == "__main__":
    main(*sys.argv[1:])
