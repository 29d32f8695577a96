"""Words that mean harm are refused in the words of the problem, and the service stays well."""

from __future__ import annotations

import pytest
from tests.api.conftest import Served
from tests.api.test_problems import is_problem

PATHS = [
    "/v1/chain?material=" + "a" * 5000,
    "/v1/chain?material=%00",
    "/v1/chain?material=%ff%fe",
    "/v1/chain?material=../../etc/passwd",
    "/v1/chain?material=cobalt'%20OR%201=1--",
    "/v1/chain?material=cobalt;DROP%20TABLE%20chain_stages",
    "/v1/chain?material=cobalt&year=99999999999999999999999",
    "/v1/chain?material=cobalt&year=1e9",
    "/v1/chain?material=cobalt&year=-1",
    "/v1/chain?material=cobalt&year=NaN",
    "/v1/chain?material=cobalt&limit=1e99",
    "/v1/chain?material=cobalt&offset=9999999999999999999",
    "/v1/chain?material=%F0%9F%92%A3",
    "/v1/chain?material=%E2%80%AE",
    "/v1/chain?material[]=cobalt",
    "/v1/chain?material=cobalt&__proto__=1",
    "/v1/explain?id=" + "cell:" * 39,
    "/v1/explain?id=cell:cobalt:99999999999999999999:mine:COD:output",
    "/v1/explain?id=fact:../../x",
    "/v1/explain?id=link:cobalt:2024:mine:COD>",
    "/v1/explain?id=:::::",
    "/v1/explain?id=risk:gallium:2024:CHN:EU27",
    "/v1/explain?id=cell:cobalt:-1:mine:COD:output",
    "/v1/explain?id=%25s%25n",
    "/v1/economy?place=" + "%2B".join(["USA"] * 80),
    "/v1/economy?place=XXX",
    "/v1/economy?place=JPN&year=1900",
    "/v1/economy?place=JPN&table=/etc/passwd",
    "/v1/assess?place=EU27&seed=-1",
    "/v1/assess?place=EU27&seed=1e400",
    "/v1/assess?place=%2B%2B%2B",
    "/v1/assess?place=EU27&method=" + "&method=".join(str(n) for n in range(300)),
    "/v1/assess?place=EU27&material=%3Cscript%3E",
    "/v1/assess?place=EU27&inputs=http://example.int/",
    "/v1/technology?technology=nonsense",
    "/v1/technology?place=" + "&place=".join(["JPN"] * 201),
    "/v1/jobs/../../../etc/passwd",
    "/v1/jobs/..%2f..%2f..%2fetc%2fpasswd",
    "/v1/runs/zzzzzzzzzzzz",
    "/v1/saved/..%2f..%2fstore.sqlite",
    "/v1/processes/%2e%2e%2f",
]


@pytest.mark.parametrize("path", PATHS)
def test_hostile_words_are_refused_and_the_service_stays_well(real: Served, path: str) -> None:
    got = real.get(path)
    assert 400 <= got.status_code < 500, got.text[:300]
    assert real.get("/v1/health").status_code == 200


BODIES = [
    {"ban": ["CHN"]},
    {"ban": ["CHN:" + ",".join(["gallium"] * 40)], "months": 10**9},
    {"ban": ["../../x:gallium"]},
    {"quota": ["CHN:gallium:nan"]},
    {"quota": ["CHN:gallium:1e999"]},
    {"quota": ["CHN:gallium:-1"]},
    {"outage": ["CHN:gallium:2"]},
    {"ban": ["CHN:gallium"], "to": ["\u0000"]},
    {"ban": ["CHN:gallium"], "draws": 10**12},
    {"ban": ["CHN:gallium"] * 51},
    {"scenario": "/etc/passwd"},
    {"scenario": "nonsense"},
    {"saved": "../../store.sqlite"},
    {"saved": "abcdefghijklmnop"},
    {"scenario": {"$gt": ""}},
    {},
    {"ban": ["CHN:gallium"], "place": ["Atlantis"]},
    {"ban": ["CHN:gallium"], "year": 1900},
]


@pytest.mark.parametrize("words", BODIES, ids=range(len(BODIES)))
def test_hostile_shocks_are_refused(real: Served, words: object) -> None:
    got = real.post("/v1/shock", words, headers={"Prefer": "wait=60"})
    assert 400 <= got.status_code < 500, got.text[:300]
    is_problem(got, got.status_code)
