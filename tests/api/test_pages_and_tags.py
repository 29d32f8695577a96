"""Pages hold every row exactly once; a tag names an answer, and showing it costs nothing."""

from __future__ import annotations

import csv
import gzip
import io
import json

import pytest
from tests.api import stand_in
from tests.api.conftest import Served

from lodestone.api.service import Bodies, Body


@pytest.mark.parametrize("limit", [1, 7, 22, 23, 24, 1000])
def test_pages_cover_all_rows_exactly_once(made: Served, limit: int) -> None:
    first, rows = made.all_rows(f"/v1/explain?id=x&limit={limit}")
    assert rows == stand_in.rows()
    assert (first["total"], first["limit"], first["offset"]) == (stand_in.ROWS, limit, 0)


def test_pages_lead_back_too(made: Served) -> None:
    page = made.get("/v1/explain?id=x&limit=10&offset=15").json()
    links = {link["rel"]: link["href"] for link in page["links"]}
    assert set(links) == {"self", "prev"}
    assert made.get(links["prev"]).json()["offset"] == 5
    assert made.get("/v1/explain?id=x&offset=500").json()["results"] == []


def test_pages_of_csv_have_one_head_and_the_link(made: Served) -> None:
    rows, path = [], "/v1/explain?id=x&format=csv&limit=10"
    heads = set()
    while path:
        got = made.get(path)
        heads.add(got.text.splitlines()[0])
        rows += list(csv.DictReader(io.StringIO(got.text)))
        assert got.headers["x-total-count"] == str(stand_in.ROWS)
        path = got.links.get("next", {}).get("url", "")
    assert heads == {"n,value,note,late"}
    assert [int(row["n"]) for row in rows] == list(range(stand_in.ROWS))


@pytest.mark.parametrize(
    "words", ["limit=0", "limit=100001", "offset=-1", "limit=x", "format=xml", "limit=1e3"]
)
def test_a_page_that_cannot_be_is_refused(made: Served, words: str) -> None:
    got = made.get(f"/v1/explain?id=x&{words}")
    assert got.status_code == 422
    assert got.json()["problems"][0]["where"].startswith("query.")


def test_a_tag_that_is_shown_costs_nothing(made: Served) -> None:
    got = made.get("/v1/explain?id=tag")
    tag = got.headers["etag"]
    assert got.headers["cache-control"].startswith("private, max-age=")
    asked = dict(made.service._kept._held)
    made.service._kept._held.clear()
    made.service.bodies = Bodies(1000)
    for shown in (tag, f"W/{tag}", f'"other", {tag}'):
        again = made.get("/v1/explain?id=tag", headers={"If-None-Match": shown})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert not made.service._kept._held
    assert asked


def test_anything_means_that_there_must_be_something(made: Served) -> None:
    star = {"If-None-Match": "*"}
    assert made.get("/v1/explain?id=x", headers=star).status_code == 304
    assert made.get("/v1/explain?id=raise:RequestError", headers=star).status_code == 422


def test_tags_differ_as_answers_differ(made: Served) -> None:
    paths = [
        "/v1/explain?id=x",
        "/v1/explain?id=y",
        "/v1/explain?id=x&limit=5",
        "/v1/explain?id=x&offset=5",
        "/v1/explain?id=x&format=csv",
        "/v1/economy?place=x",
        "/v1/materials",
        "/v1/places",
    ]
    tags = [made.get(path).headers["etag"] for path in paths]
    assert len(set(tags)) == len(paths)
    assert all(tag.startswith('"') for tag in tags)


def test_a_tag_is_of_the_data(made: Served) -> None:
    before, release = made.get("/v1/explain?id=x").headers["etag"], made.service.release
    made.service.release = type(release)(release.version, "0" * 64)
    try:
        assert made.get("/v1/explain?id=x").headers["etag"] != before
    finally:
        made.service.release = release


def test_the_order_of_words_does_not_matter(made: Served) -> None:
    one = made.get("/v1/economy?place=JPN&year=2020").headers["etag"]
    assert made.get("/v1/economy?year=2020&place=JPN").headers["etag"] == one


def test_a_packed_answer_is_the_same_answer_under_its_own_tag(made: Served) -> None:
    plain = made.get("/v1/explain?id=x", headers={"Accept-Encoding": "identity"})
    packed = made.client.send(
        made.client.build_request("GET", "/v1/explain?id=x", headers={"Accept-Encoding": "gzip"}),
        stream=True,
    )
    raw = b"".join(packed.iter_raw())
    packed.close()
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    assert {packed.headers["vary"], plain.headers["vary"]} == {"Accept-Encoding, Authorization"}


def test_memory_for_answers_is_bounded() -> None:
    bodies = Bodies(100)
    for n in range(50):
        bodies.put(str(n), Body(bytes(10), {}))
    bodies.put("large", Body(bytes(50), {}))
    held = [n for n in range(50) if bodies.get(str(n))]
    assert held == list(range(40, 50))
    assert bodies.get("large") is None


def test_the_same_bytes_every_time(made: Served) -> None:
    made.service.bodies = Bodies(0)
    one, two = made.get("/v1/explain?id=x"), made.get("/v1/explain?id=x")
    made.service.bodies = Bodies(10**6)
    three, four = made.get("/v1/explain?id=x"), made.get("/v1/explain?id=x")
    assert one.content == two.content == three.content == four.content
    assert json.loads(one.content)["total"] == stand_in.ROWS


def test_what_one_place_of_the_csv_says_a_spreadsheet_does_not_run(made: Served) -> None:
    got = made.get("/v1/materials?format=csv&limit=1000")
    rows = list(csv.DictReader(io.StringIO(got.text)))
    assert {row["note"] for row in rows} >= {"'=1+1", "'@x", "a,b", 'say "x"', "two\nlines"}
