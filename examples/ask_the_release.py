"""Ask the tables of the data release in SQL: the most concentrated refining stages of a year.

Run: python examples/ask_the_release.py [year]
"""

import sys

from lodestone.desk.library import library

QUESTION = """
    WITH made AS (
        SELECT material, place, value / sum(value) OVER (PARTITION BY material) AS share
        FROM chain_cells
        WHERE year = ? AND stage = 'refine' AND entry = 'output' AND unit = 't'
    )
    SELECT material, sum(share * share) AS hhi, arg_max(place, share) AS largest, max(share) AS share
    FROM made GROUP BY material ORDER BY hhi DESC LIMIT 10
"""


def main(year: str = "2024") -> None:
    print(f"{'material':16}{'HHI':>6}  largest maker in {year}")
    for row in library().rows(QUESTION, [int(year)]):
        print(f"{row['material']:16}{row['hhi']:6.2f}  {row['largest']} {100 * row['share']:.0f} %")


if __name__ == "__main__":
    main(*sys.argv[1:])
