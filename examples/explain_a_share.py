"""Follow a number down to the publisher's file, row and licence.

Run: python examples/explain_a_share.py [id]
"""

import sys

import lodestone as ls


def main(number: str = "cell:cobalt:2024:mine:COD:output") -> None:
    for row in ls.explain(number).results:
        if row["level"] == "fact":
            where = f"{row['source']}, {row['file']}, row {row['row']} ({row['licence']})"
            print(f"    {row['raw_value']}: {where}")
        else:
            figure = row.get("after", row.get("value"))
            print(f"{row['level']}: {row['what']}: {figure:,.6g} {row.get('unit', '')}")


if __name__ == "__main__":
    main(*sys.argv[1:])
