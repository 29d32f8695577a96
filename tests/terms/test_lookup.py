"""Law: a name leads to one thing or to an error that helps, never to a guess."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodestone.terms.errors import DataError, RequestError
from lodestone.terms.lookup import Index, fold


@given(st.text())
def test_fold_is_stable(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Côte d’Ivoire", "COTE D'IVOIRE"),
        ("Türkiye", "turkiye"),
        ("Antigua & Barbuda", "Antigua and Barbuda"),
        ("coking_coal", "Coking  Coal"),
        ("Nitrogen (Fixed)—Ammonia", "nitrogen (fixed)--ammonia"),
    ],
)
def test_spellings_that_mean_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_a_name_shared_by_two_is_refused_with_both() -> None:
    with pytest.raises(DataError, match="'congo' means both COD and COG"):
        Index("place", {"COD": ["Congo"], "COG": ["congo"]})


def test_a_name_without_letters_is_refused() -> None:
    with pytest.raises(DataError, match="without letters"):
        Index("place", {"XXX": ["--"]})


def test_suggestions_name_each_thing_once() -> None:
    index = Index("metal", {"tin": ["Tin", "Tinn", "Tinnn"], "zinc": ["Zinc"]})
    with pytest.raises(RequestError) as failure:
        index.get("tinnnn")
    assert str(failure.value).count("(tin)") == 1


def test_nothing_near_says_so() -> None:
    with pytest.raises(RequestError, match="no metal is near it"):
        Index("metal", {"tin": ["Tin"]}).get("wood and paper")
