"""The pages in a real browser: whole, accessible, quiet, and the same whenever they are opened."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.api.conftest import Served, serving
from tests.faces.browser import looking, needed

import lodestone as ls
from lodestone.api.settings import Settings
from lodestone.desk.alliance_asking import alliance_in_words
from lodestone.web.site import STATIC, site

UI = Path(__file__).parents[2] / "ui"
FIRST_PAGE = 150_000
#: Views with every part of every page; quick ones first.
VIEWS = (
    "/",
    "/exposure?place=EU27",
    "/exposure?material=cobalt&place=USA&lens=mine",
    "/exposure?material=gallium&on=CHN&view=buyers",
    "/material?material=cobalt&place=EU27",
    "/material?material=gallium&place=JPN",
    "/scenario?ban=CHN:gallium&place=EU27&months=12",
    "/compare?a.ban=CHN:gallium&a.months=6&b.quota=CHN:gallium:0.5&b.months=6&place=JPN",
    "/technology?place=EU27",
    "/dossier",
    "/data",
    "/alliance?member=USA&member=JPN&material=gallium",
)
#: Pages whose first answer takes minutes: their click is followed until the answer is worked on.
LONG = ("/risk", "/plan", "/vault", "/alliance")
#: Small questions to the verbs whose whole answers take minutes.
VAULT = """
name = "small"
place = "USA"
materials = ["gallium", "germanium"]
budget_usd = 20e6
cover_days = 60
release = "supply"
"""
BILL = Path(__file__).parents[2] / "examples" / "bill_of_materials.csv"
PLAN = """
name = "small"
place = "EU27"
materials = ["gallium"]
first = 2026
last = 2034
[[target]]
kind = "processing"
value = 0.4
price = 2000
year = 2034
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    needed()
    store = tmp_path_factory.mktemp("browser") / "store.sqlite"
    settings = Settings(store=store, rate=1e6, burst=10**6, read_seconds=600)
    with serving(settings, pages=site()) as found:
        yield found


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_every_page_is_whole_accessible_and_quiet(served: Served, width: int, scheme: str) -> None:
    wrong: dict[str, object] = {}
    with looking(served.url, width, scheme) as look:
        for view in VIEWS:
            look.open(view)
            found = look.violations()
            if found:
                wrong[view] = found
            across = look.page.evaluate("document.documentElement.scrollWidth")
            if across > width:
                wrong[f"{view} width"] = across
            if look.page.locator("main [role=alert]").count():
                wrong[f"{view} says"] = look.page.locator("main [role=alert]").first.inner_text()
        assert wrong == {}
        assert look.trouble == []
        # Nobody else is asked anything, whatever the page.
        ours = (served.url, "data:", "blob:")
        assert [url for url in look.asked if not url.startswith(ours)] == []


@pytest.fixture(scope="module")
def long_answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """True answers of small questions to the verbs that take minutes for whole ones."""
    folder = tmp_path_factory.mktemp("small")
    vault, plan = folder / "vault.toml", folder / "plan.toml"
    vault.write_text(VAULT, encoding="utf-8")
    plan.write_text(PLAN, encoding="utf-8")
    return {
        "/vault?view=size": ls.vault_size(vault).envelope(),
        "/vault?view=run": ls.vault_run(vault).envelope(),
        "/vault?view=finance": ls.vault_finance(vault).envelope(),
        "/plan": ls.plan(plan, frontier=(0.0, 1.0)).envelope(),
        "/alliance?member=USA&member=JPN&material=gallium&plan=allies_four_metals": (
            alliance_in_words(["USA", "JPN"], materials=["gallium"], plan=plan).envelope()
        ),
        "/risk?place=USA": ls.risk("USA", years=500, as_of=date(2026, 11, 1)).envelope(),
        "/dossier?saved=made-by-the-test": ls.dossier(
            BILL, draws=0, as_of=date(2026, 11, 1), out=folder
        ).envelope(),
    }


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_long_answers_are_whole_accessible_and_quiet(
    served: Served, long_answers: dict[str, dict[str, Any]], width: int, scheme: str
) -> None:
    wrong: dict[str, object] = {}
    with looking(served.url, width, scheme) as look:
        for view, envelope in long_answers.items():
            look.answered(envelope)
            look.open(view)
            if found := look.violations():
                wrong[view] = found
            if look.page.evaluate("document.documentElement.scrollWidth") > width:
                wrong[f"{view} width"] = look.page.evaluate("document.documentElement.scrollWidth")
            if look.page.locator("main [role=alert]").count():
                wrong[f"{view} says"] = look.page.locator("main [role=alert]").first.inner_text()
            if strangers := set(look.exact()) - numbers_of(envelope["results"]):
                wrong[f"{view} shows what nobody answered"] = sorted(strangers)[:5]
            assert look.numbers(), view
            if empty := look.empty_tables():
                wrong[f"{view} has empty tables"] = empty
        assert wrong == {}
        assert look.trouble == []


def numbers_of(rows: Iterable[dict[str, Any]]) -> set[float]:
    """Every number in the rows of an answer."""
    return {
        float(value)
        for row in rows
        for value in row.values()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def test_each_question_is_one_click_from_home(served: Served) -> None:
    with looking(served.url) as look:
        look.open("/")
        links = look.page.locator(".questions a")
        count = links.count()
        assert count >= 7
        for k in range(count):
            look.open("/")
            link = links.nth(k)
            href = link.get_attribute("href") or ""
            link.click()
            if href.startswith(LONG):
                look.page.locator("[aria-busy=true]").first.wait_for(timeout=60_000)
                continue
            look.settle()
            if href.startswith("/dossier"):
                look.page.get_by_role("button", name="Try the example").click()
                look.page.locator("[aria-busy=true]").first.wait_for(timeout=60_000)
                continue
            # One click from home, and numbers or a form to ask for them are there.
            assert look.numbers() or look.page.locator("main form").count(), href


def test_permalinks_give_the_same_numbers(served: Served) -> None:
    """Fifty views, each opened afresh in two tabs; and every number is one the service answered."""
    rng = random.Random(20261126)
    rows = served.get("/v1/materials").json()["results"]
    materials = sorted(row["material"] for row in rows)
    views = [random_view(rng, materials) for _ in range(50)]
    first: list[list[str]] = []
    with looking(served.url) as look:
        for path, words in views:
            before = len(look.asked)
            look.open(f"{path}?{urlencode(words)}")
            first.append(look.numbers() + look.page.locator("main svg text").all_inner_texts())
            answers = {u.removeprefix(served.url) for u in look.asked[before:] if "/v1/" in u}
            known = [served.get(one).json().get("results", []) for one in sorted(answers)]
            strangers = set(look.exact()) - numbers_of(row for rows in known for row in rows)
            assert not strangers, (path, words, sorted(strangers)[:5])
    with looking(served.url) as look:
        for (path, words), numbers in zip(views, first, strict=True):
            look.open(f"{path}?{urlencode(words)}")
            again = look.numbers() + look.page.locator("main svg text").all_inner_texts()
            assert again == numbers, (path, words)
    # Some materials are not worked at the stage that a lens looks through to.
    assert sum(bool(numbers) for numbers in first) >= 40


def random_view(rng: random.Random, materials: list[str]) -> tuple[str, dict[str, str]]:
    """A view of a page that reads in seconds, all of its question in its address."""
    place = rng.choice(["EU27", "USA", "JPN", "IND"])
    path = rng.choice(["/exposure", "/exposure", "/exposure", "/material", "/technology"])
    if path == "/technology":
        return path, {"place": rng.choice(["EU27", "USA", "JPN"])}
    words = {"material": rng.choice(materials), "place": place}
    if path == "/material":
        return path, {**words, "as_of": "2026-11-01"}
    if rng.random() < 0.5:
        words["lens"] = rng.choice(["mine", "refine", "direct"])
    if rng.random() < 0.3:
        words["year"] = str(rng.choice([2020, 2022, 2023]))
    return path, words


def test_a_number_says_where_it_comes_from(served: Served) -> None:
    with looking(served.url) as look:
        look.open("/exposure?place=EU27&material=cobalt")
        look.page.locator("details.twin summary").first.click()
        look.page.locator("main button.value").first.click()
        box = look.page.locator("dialog[open]")
        box.locator(".trail li").first.wait_for(timeout=60_000)
        told = box.inner_text()
        for word in ("Band", "Grade", "dependence:cobalt:2024:EU27", "Down to the file"):
            assert word in told
        assert re.search(r"\.(csv|parquet)", told)
        assert look.violations() == []
        look.page.keyboard.press("Escape")
        assert look.page.locator("dialog[open]").count() == 0


def test_a_chart_can_be_taken_home(served: Served) -> None:
    with looking(served.url) as look:
        look.open("/exposure?place=JPN&material=tungsten")
        figure = look.page.locator("figure").first
        taken = {}
        for kind in ("CSV", "JSON", "SVG", "PNG"):
            with look.page.expect_download() as waiting:
                figure.locator(".tools button", has_text=kind).click()
            taken[kind] = Path(waiting.value.path()).read_bytes()
        whole = json.loads(taken["JSON"])
        asked = served.get("/v1/exposure?place=JPN&material=tungsten").json()
        assert whole["run_id"] == asked["run_id"]
        assert whole["sources"] == asked["sources"]
        assert "material=tungsten" in whole["view"]
        assert whole["results"]
        assert all(row in asked["results"] for row in whole["results"])
        assert len(taken["CSV"].decode().splitlines()) == len(whole["results"]) + 1
        assert taken["SVG"].startswith(b"<svg")
        assert b"var(--" not in taken["SVG"]
        assert taken["PNG"].startswith(b"\x89PNG")


def test_the_keyboard_reaches_everything(served: Served) -> None:
    """Skip link, question, map: without a mouse."""
    with looking(served.url) as look:
        look.open("/")
        look.page.keyboard.press("Tab")
        assert look.page.evaluate("document.activeElement.textContent") == "Skip to the page"
        look.open("/exposure?material=cobalt&place=EU27")
        look.page.locator(".map").focus()
        look.page.keyboard.press("ArrowRight")
        first = look.page.locator(".map .told").inner_text()
        look.page.keyboard.press("ArrowRight")
        assert first != look.page.locator(".map .told").inner_text()
        assert "%" in first


def test_the_first_page_is_light(served: Served) -> None:
    sizes: list[int] = []
    with looking(served.url) as look:
        look.page.on("response", lambda r: sizes.append(r.request.sizes()["responseBodySize"]))
        look.open("/")
        look.page.wait_for_timeout(300)
    assert 0 < sum(sizes) <= FIRST_PAGE, sum(sizes)


def test_every_text_is_in_the_catalogue_and_used() -> None:
    catalogue = json.loads((UI / "src" / "texts" / "en.json").read_text(encoding="utf-8"))
    code = "\n".join(p.read_text(encoding="utf-8") for p in (UI / "src").rglob("*.svelte"))
    code += "\n".join(p.read_text(encoding="utf-8") for p in (UI / "src").rglob("*.ts"))
    made = set(re.findall(r"[`\"']([a-z.]+)\.\$\{", code))
    made |= set(re.findall(r"sayOf\(\"([a-z.]+)\"", code))
    unused = [
        key
        for key in catalogue
        if f'"{key}"' not in code and not any(key.startswith(f"{prefix}.") for prefix in made)
    ]
    assert unused == []
    said = set(re.findall(r"\bsay\(\"([a-z0-9._]+)\"", code))
    assert said - set(catalogue) == set()


def test_the_built_pages_name_no_other_host() -> None:
    needed()
    told = set()
    for file in STATIC.rglob("*"):
        if file.suffix in (".js", ".html", ".css"):
            told |= set(re.findall(r"https?://[\w.-]+", file.read_text(encoding="utf-8")))
    # Names of namespaces and of the framework's own error pages, never asked.
    assert told <= {"http://www.w3.org", "https://svelte.dev"}
