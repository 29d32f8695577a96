"""The pages in a real browser: whole, accessible, quiet, and the same whenever they are opened."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from tests.api.conftest import Served, serving
from tests.faces.browser import looking, needed

from lodestone.api.settings import Settings
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


def test_each_question_is_answered_in_three_clicks(served: Served) -> None:
    with looking(served.url) as look:
        look.open("/")
        links = look.page.locator(".questions a")
        count = links.count()
        assert count >= 7
        for k in range(count):
            look.open("/")
            link = links.nth(k)
            clicks = 1
            href = link.get_attribute("href") or ""
            link.click()
            if href.startswith(LONG):
                look.page.locator("[aria-busy=true]").first.wait_for(timeout=60_000)
                continue
            look.settle()
            if href.startswith("/dossier"):
                clicks += 1
                look.page.get_by_role("button", name="Try the example").click()
                look.page.locator("[aria-busy=true]").first.wait_for(timeout=60_000)
                continue
            assert look.page.locator("main figure, main table, main form").count(), link
            assert clicks <= 3


def test_permalinks_give_the_same_numbers(served: Served) -> None:
    """Fifty views, each opened afresh in two tabs; and the numbers are those of the service."""
    rng = random.Random(20261126)
    rows = served.get("/v1/materials").json()["results"]
    materials = sorted(row["material"] for row in rows)
    views = []
    for _ in range(50):
        words = {
            "material": rng.choice(materials),
            "place": rng.choice(["EU27", "USA", "JPN", "IND"]),
        }
        if rng.random() < 0.5:
            words["lens"] = rng.choice(["mine", "refine", "direct"])
        if rng.random() < 0.3:
            words["year"] = str(rng.choice([2020, 2022, 2023]))
        views.append(("/exposure", words))
    first: list[list[str]] = []
    with looking(served.url) as look:
        for path, words in views:
            look.open(f"{path}?{urlencode(words)}")
            first.append(look.numbers() + look.page.locator("main svg text").all_inner_texts())
    with looking(served.url, width=1280) as look:
        for (path, words), numbers in zip(views, first, strict=True):
            look.open(f"{path}?{urlencode(words)}")
            again = look.numbers() + look.page.locator("main svg text").all_inner_texts()
            assert again == numbers, words
    # Some materials are not worked at the stage that a lens looks through to.
    assert sum(bool(numbers) for numbers in first) >= 30


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


def test_the_built_pages_name_no_other_host() -> None:
    needed()
    told = set()
    for file in STATIC.rglob("*"):
        if file.suffix in (".js", ".html", ".css"):
            told |= set(re.findall(r"https?://[\w.-]+", file.read_text(encoding="utf-8")))
    # Names of namespaces and of the framework's own error pages, never asked.
    assert told <= {"http://www.w3.org", "https://svelte.dev"}
