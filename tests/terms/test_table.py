"""The room's own tables are read strictly."""

from __future__ import annotations

import pytest

from lodestone.terms.errors import DataError
from lodestone.terms.table import parse_table, read_table, split_list


def test_cells_stay_text() -> None:
    assert parse_table("iso2,name\nNA,Namibia\n,\n", "t.csv") == (
        {"iso2": "NA", "name": "Namibia"},
        {"iso2": "", "name": ""},
    )


def test_every_row_of_a_wrong_length_is_named() -> None:
    with pytest.raises(DataError) as failure:
        parse_table("a,b\n1,2\n1\n1,2,3\n", "t.csv")
    assert [p.where for p in failure.value.problems] == ["row 2", "row 3"]


def test_lists() -> None:
    assert split_list("") == ()
    assert split_list("Congo, D.R.|Zaire") == ("Congo, D.R.", "Zaire")


@pytest.mark.parametrize("name", ["materials", "places", "blocs", "attributes", "units", "bases"])
def test_the_first_column_is_a_key(name: str) -> None:
    rows = read_table(name)
    first = next(iter(rows[0]))
    assert len({row[first] for row in rows}) == len(rows)
