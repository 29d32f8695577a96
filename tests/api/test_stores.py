"""What every store does: the same with SQLite and with a real PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lodestone.api.database import Database
from lodestone.api.keys import Key
from lodestone.api.opening import open_store
from lodestone.api.serving import hand_out_key
from lodestone.api.store import File, Job, Saved, Store
from lodestone.terms.errors import RequestError

LEASE = 60.0


def _at(place: Path | Database) -> Path | Database:
    return place if isinstance(place, Database) else place / "s.sqlite"


@pytest.fixture
def store(place: Path | Database) -> Iterator[Store]:
    found = open_store(_at(place))
    found.attend("me", LEASE)
    yield found
    found.close()


def job(id: str, **more: Any) -> Job:
    usual = {"verb": "losses", "words": {"place": "JPN"}, "owner": "ada", "status": "accepted"}
    created = "2026-01-01T00:00:00.000Z"
    return Job(id=id, **{**usual, "created": created, "service": "me", **more})


def test_a_job_is_kept_as_it_is(store: Store) -> None:
    first = job("a", words={"place": "Å\u0000\U0001f4a3 '\"%s ? $1", "n": [1, 2.5, None, True]})
    store.put_job(first)
    assert store.job("a") == first
    problem = {"type": "x", "status": 500, "problems": [{"what": "\u2028"}]}
    later = replace(
        first,
        status="failed",
        progress=37,
        message="why; DROP TABLE job --",
        started="s",
        finished="f",
        problem=problem,
    )
    assert store.change_job(later)
    assert store.job("a") == later
    assert store.job("nobody") is None


def test_a_job_ends_once(store: Store) -> None:
    begun = job("a", status="running")
    store.put_job(begun)
    failed = replace(begun, status="failed", message="first")
    assert store.change_job(failed)
    for status in ("successful", "dismissed", "running"):
        assert not store.change_job(replace(begun, status=status))
    assert not store.put_result(replace(begun, status="successful"), b"x", [])
    assert store.job("a") == failed
    assert (store.envelope("a"), store.files("a")) == (None, [])


def test_a_job_that_was_forgotten_does_not_come_back(store: Store) -> None:
    begun = job("a")
    store.put_job(begun)
    store.delete_job("a")
    assert not store.change_job(replace(begun, status="running"))
    assert not store.put_result(replace(begun, status="successful"), b"x", [])
    assert store.jobs(None, 10, 0) == ([], 0)


def test_an_answer_and_its_files_are_kept_and_forgotten_together(store: Store) -> None:
    begun = job("a")
    store.put_job(begun)
    content = bytes(range(256)) * 4000
    files = [File("z.pdf", "application/pdf", content), File("B.json", "application/json", b"")]
    done = replace(begun, status="successful", run_id="0123456789ab")
    assert store.put_result(done, b'{"x": 1}' * 100_000, files)
    assert store.envelope("a") == b'{"x": 1}' * 100_000
    assert store.files("a") == [("B.json", "application/json"), ("z.pdf", "application/pdf")]
    assert [store.file("a", f.name) for f in files] == files
    assert store.file("a", "no") is None
    store.delete_job("a")
    assert (store.envelope("a"), store.files("a"), store.file("a", "z.pdf")) == (None, [], None)


def test_a_result_that_cannot_be_kept_whole_is_not_kept_at_all(store: Store) -> None:
    begun = job("a")
    store.put_job(begun)
    twice = [File("x", "y", b"1"), File("x", "y", b"2")]
    with pytest.raises(Exception, match=r"(?i)unique|refused"):
        store.put_result(replace(begun, status="successful"), b"x", twice)
    assert store.job("a") == begun
    assert store.files("a") == []
    assert store.change_job(replace(begun, status="running"))


def test_jobs_are_listed_newest_first_by_owner_page_by_page(store: Store) -> None:
    day = "2026-01-0{}T00:00:00.000Z"
    for n, owner in enumerate(["ada", "bob", "ada", "ada"]):
        store.put_job(job(f"j{n}", owner=owner, created=day.format(1 + n // 2)))
    found, total = store.jobs(None, 3, 0)
    assert ([j.id for j in found], total) == (["j3", "j2", "j1"], 4)
    assert [j.id for j in store.jobs(None, 3, 3)[0]] == ["j0"]
    found, total = store.jobs("ada", 2, 1)
    assert ([j.id for j in found], total) == (["j2", "j0"], 3)
    assert store.jobs("nobody", 9, 0) == ([], 0)
    assert store.jobs(None, 0, 0) == ([], 4)


def test_a_run_is_found_by_its_latest_good_job(store: Store) -> None:
    for n, (owner, status) in enumerate(
        [("ada", "successful"), ("bob", "successful"), ("ada", "failed")]
    ):
        begun = job(f"j{n}", owner=owner, created=f"2026-01-0{n + 1}")
        store.put_job(begun)
        store.change_job(replace(begun, status=status, run_id="r"))
    assert [
        found and found.id
        for found in (store.job_of_run("r", owner) for owner in (None, "ada", "bob", "eve"))
    ] == ["j1", "j0", "j1", None]
    assert store.job_of_run("other", None) is None


def test_old_jobs_are_forgotten_and_those_that_run_are_not(store: Store) -> None:
    for n in range(5):
        begun = job(f"job{n}", created=f"2026-01-0{n + 1}")
        store.put_job(begun)
        store.change_job(replace(begun, status="successful"))
    store.put_job(job("running", status="running", created="2025-01-01"))
    store.forget_jobs(2)
    assert {j.id for j in store.jobs(None, 10, 0)[0]} == {"job4", "job3", "running"}
    store.forget_jobs(0)
    assert {j.id for j in store.jobs(None, 10, 0)[0]} == {"running"}


def test_what_a_service_has_not_ended_is_known(store: Store) -> None:
    mine = [job("a"), job("b", status="running")]
    for one in (*mine, job("c", service="other"), job("d", status="dismissed")):
        store.put_job(one)
    assert sorted(store.unfinished("me"), key=lambda j: j.id) == mine
    assert [j.id for j in store.unfinished("other")] == ["c"]


def test_jobs_of_a_service_that_nobody_heard_of_are_lost(store: Store) -> None:
    store.put_job(job("mine"))
    store.put_job(job("theirs", service="gone"))
    store.put_job(job("done", service="gone", status="successful"))
    assert [j.id for j in store.attend("me", LEASE)] == ["theirs"]


def test_what_is_saved_is_kept_listed_and_forgotten(store: Store) -> None:
    text = 'name = "Å"\n\ttab\r\n\U0001f4a3'
    kept = [
        Saved(f"s{n}", kind, f"näme {n}", owner, f"2026-01-0{n + 1}", "0" * 12, text)
        for n, (kind, owner) in enumerate([("scenario", "ada"), ("hazards", "bob")])
    ]
    for one in kept:
        store.save(one)
    assert [store.saved(one.id) for one in kept] == kept
    assert store.all_saved(None, 9, 0) == (kept[::-1], 2)
    assert store.all_saved("ada", 9, 0) == (kept[:1], 1)
    assert store.all_saved("ada", 0, 0) == ([], 1)
    store.delete_saved("s0")
    store.delete_saved("s0")
    assert store.saved("s0") is None


def test_keys_are_kept_by_their_digest_and_a_name_is_given_once(store: Store) -> None:
    assert not store.has_keys()
    store.put_key(Key("Ada", "reader", "d1"))
    assert store.has_keys()
    assert store.key("d1") == Key("Ada", "reader", "d1")
    assert store.key("d2") is None
    with pytest.raises(RequestError, match="'Ada' already"):
        store.put_key(Key("Ada", "admin", "d2"))
    assert store.key("d2") is None


def test_a_key_is_handed_out_once(place: Path | Database) -> None:
    text = hand_out_key(_at(place), "Ada", "analyst")
    assert text.startswith("lodestone_")
    with pytest.raises(RequestError, match="already"):
        hand_out_key(_at(place), "Ada", "reader")


def test_what_is_kept_outlives_whoever_kept_it(place: Path | Database) -> None:
    first = open_store(_at(place))
    first.attend("me", LEASE)
    first.put_job(job("a"))
    first.close()
    second = open_store(_at(place))
    assert second.job("a") == job("a")
    second.close()


def test_many_threads_may_ask_at_once(store: Store) -> None:
    def work(n: int) -> bool:
        begun = job(f"j{n}", created=f"2026-01-01T00:00:00.{n:03d}Z")
        store.put_job(begun)
        store.change_job(replace(begun, status="running", progress=n))
        kept = store.put_result(
            replace(begun, status="successful"), b"%d" % n, [File("f", "text/plain", b"%d" % n)]
        )
        store.forget_jobs(40)
        return kept and store.jobs("ada", 5, 0)[1] > 0

    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(work, range(60)))
    found, total = store.jobs(None, 100, 0)
    assert total == 40
    assert all(store.envelope(j.id) == j.id[1:].encode() for j in found)


@pytest.mark.parametrize("first", ["successful", "dismissed"])
def test_of_two_who_end_a_job_at_once_one_does(store: Store, first: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        for n in range(10):
            begun = job(f"{first}{n}", status="running")
            store.put_job(begun)
            ends = [replace(begun, status="failed", message=str(m)) for m in range(7)]
            ends.append(replace(begun, status=first))
            told = list(threads.map(store.change_job, ends))
            assert told.count(True) == 1
            assert store.job(begun.id) == ends[told.index(True)]


# Text that a database may hold: PostgreSQL knows no NUL, and nobody knows half a letter.
_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def test_any_words_and_texts_come_back_as_they_went(store: Store) -> None:
    number = iter(range(10_000))

    @given(words=st.dictionaries(st.text(max_size=9), _PLAIN, max_size=4), text=_TEXT)
    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def there_and_back(words: dict[str, Any], text: str) -> None:
        id = f"h{next(number)}"
        kept = job(id, words=words, message=text, owner=text)
        store.put_job(kept)
        assert store.job(id) == kept
        saved = Saved(id, "hazards", text, text, text, text, text)
        store.save(saved)
        assert store.saved(id) == saved

    there_and_back()
