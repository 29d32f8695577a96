"""Made-up brief content for tests: the shape is real, every number is invented."""

from __future__ import annotations

from lodestone.report.brief_content import (
    BriefContent,
    ChainFlow,
    ChainLink,
    ChainNode,
    Comparison,
    CutOff,
    Dependence,
    Figure,
    Finding,
    Grade,
    Headline,
    LedgerRow,
    MaterialRow,
    Meta,
    Rival,
    ScoreboardRow,
    ShortPlace,
    SourceRow,
    TopOrigin,
    TrendSeries,
    Weighing,
)

MATERIALS = (
    ("Gallium", "refined"),
    ("Germanium", "refined"),
    ("Dysprosium", "separated oxide"),
    ("Magnesium", "metal"),
    ("Natural graphite", "spherical, battery grade"),
    ("Rare earth magnets", "NdFeB magnets"),
    ("Bismuth", "refined"),
    ("Tungsten", "APT"),
    ("Antimony", "trioxide"),
    ("Manganese, high purity sulphate", "refined"),
)


def share(
    value: float | None,
    spread: float = 0.04,
    *,
    grade: str = "B",
    year: int = 2024,
    id: str = "x",
    sources: tuple[str, ...] = ("usgs",),
    note: str = "",
) -> Figure:
    """An invented share with a symmetric band inside 0..1."""
    low = None if value is None else max(value - spread, 0.0) if value >= 0 else value - spread
    high = None if value is None else min(value + spread, 1.0)
    return Figure(
        id=id,
        value=value,
        low=low,
        high=high,
        unit="share",
        year=year,
        kind="modelled",
        grade=grade,
        sources=sources,
        note=note,
    )  # type: ignore[arg-type]


def tonnes(value: float | None, *, id: str = "t", grade: str = "A", year: int = 2024) -> Figure:
    """An invented quantity."""
    return Figure(
        id=id,
        value=value,
        unit="t",
        year=year,
        kind="inferred",
        grade=grade,  # type: ignore[arg-type]
        sources=("baci",),
    )


def score(value: float | None, *, id: str = "s", official: bool = False) -> Figure:
    """An invented criticality score."""
    return Figure(
        id=id,
        value=value,
        unit="index",
        year=2023,
        kind="reported",
        grade="" if official else "B",
        sources=("ec",),
    )


def chain() -> ChainFlow:
    """A three-stage chain with small places to merge, an inferred flow and a loss."""
    stages = ("Mined", "Refined", "Used")
    mined = {
        "China": 620.0,
        "Germany": 40.0,
        "Russia": 30.0,
        "Ukraine": 20.0,
        "Japan": 14.0,
        "Korea": 12.0,
        "Canada": 9.0,
        "Hungary": 5.0,
        "Slovakia": 4.0,
        "Kazakhstan": 3.0,
    }
    refined = {"China": 640.0, "Japan": 50.0, "Germany": 38.0, "Slovakia": 14.0, "Canada": 10.0}
    used = {
        "European Union": 105.0,
        "China": 400.0,
        "Japan": 150.0,
        "United States": 62.0,
        "Korea": 35.0,
    }
    role = {"China": "against", "European Union": "place"}
    nodes = [
        ChainNode(f"{stage}:{place}", place, stage, role.get(place, "other"), tonnes(amount))  # type: ignore[arg-type]
        for stage, column in zip(stages, (mined, refined, used), strict=True)
        for place, amount in column.items()
    ]
    nodes.append(ChainNode("Refined:loss", "Lost in refining", "Refined", "loss", tonnes(5.0)))
    links = [
        *_spread("Mined", mined, "Refined", {**refined, "loss": 5.0}),
        *_spread("Refined", refined, "Used", used),
    ]
    return ChainFlow("gallium", 2024, stages, tuple(nodes), tuple(links))


def _spread(
    a: str, sources: dict[str, float], b: str, targets: dict[str, float]
) -> list[ChainLink]:
    """Proportional flows from each source to each target."""
    total = sum(targets.values())
    grand = sum(sources.values())
    ratio = min(1.0, total / grand)
    return [
        ChainLink(
            f"{a}:{i}",
            f"{b}:{j}",
            tonnes(x * ratio * y / total, grade="C" if j == "Japan" else "A"),
            inferred=i in ("Russia", "Ukraine"),
        )
        for i, x in sources.items()
        for j, y in targets.items()
    ]


def dependences() -> tuple[Dependence, ...]:
    """Ten rows, falling; one direct share unknown."""
    return tuple(
        Dependence(
            material,
            stage,
            "China",
            share(
                None if n == 3 else 0.93 - 0.075 * n,
                0.05,
                grade="A",
                id=f"direct/{material.lower()}/2024",
                sources=("baci",),
            ),
            share(
                0.998 - 0.035 * n,
                0.03 + 0.01 * n,
                grade="C" if n % 3 == 1 else "B",
                id=f"look/{material.lower()}/2024",
                sources=("usgs", "baci"),
                note="Refined trade inferred from use." if n % 3 == 1 else "",
            ),
        )
        for n, (material, stage) in enumerate(MATERIALS)
    )


def scoreboard() -> tuple[ScoreboardRow, ...]:
    """The four benchmarks of the CRM Act, invented values."""

    def target(value: float) -> Figure:
        return Figure("target", value, "share", None, "reported", sources=("act",))

    def three(*values: float | None) -> tuple[Weighing, ...]:
        return tuple(
            Weighing(basis, share(v, 0.02, grade=g, id=f"score/{basis}"))
            for basis, v, g in zip(
                ("by mass", "by value", "mean of materials"), values, "BBC", strict=True
            )
        )

    return (
        ScoreboardRow(
            "Extraction in the Union",
            target(0.10),
            "at least",
            three(0.08, 0.05, 0.034),
            "missed",
            "Gallium",
            share(0.0, 0.0, id="worst/extraction"),
        ),
        ScoreboardRow(
            "Processing in the Union",
            target(0.40),
            "at least",
            three(0.44, 0.38, 0.21),
            "met",
            "Magnesium",
            share(0.01, id="worst/processing"),
        ),
        ScoreboardRow(
            "Recycling",
            target(0.25),
            "at least",
            three(0.19, None, 0.12),
            "unknown",
            "Lithium",
            share(0.0004, 0.0, id="worst/recycling"),
        ),
        ScoreboardRow(
            "Largest single third country",
            target(0.65),
            "at most",
            (Weighing("worst stage", share(0.999, 0.004, id="score/single")),),
            "missed",
            "Heavy rare earths, refined",
            share(0.9997, 0.0002, id="worst/single"),
        ),
    )


def trends() -> tuple[TrendSeries, ...]:
    """Six series with a gap and grade C years."""
    return tuple(
        TrendSeries(
            material,
            stage,
            tuple(
                share(
                    None if (n, year) == (2, 2020) else 0.9 - 0.09 * n + 0.012 * (year - 2018),
                    0.05,
                    year=year,
                    grade="C" if year < 2022 and n % 2 else "B",
                    id=f"look/{material.lower()}/{year}",
                )
                for year in range(2018, 2025)
            ),
        )
        for n, (material, stage) in enumerate(MATERIALS[:6])
    )


def price(value: float | None, id: str, grade: Grade = "B") -> Figure:
    """An invented price in multiples of the base price, with a wide band."""
    low, high = (None, None) if value is None else sorted((0.6 * value, 1.9 * value))
    return Figure(id, value, "ratio", 2024, "modelled", low, high, grade, ("usgs",))


def cutoff(
    material: str = "Gallium",
    peak: float = 20.0,
    *,
    grade: Grade = "B",
    months: int = 24,
    instead: bool = False,
    note: str = "Price set by an assumption in 2 of 24 months: read the shortage.",
) -> CutOff:
    """An invented cut-off: a peak that fades, the supplier's price below 1, five places."""
    key = f"cut/{material}"

    def months_of(place: str, share_lost: float) -> tuple[Figure, ...]:
        return tuple(
            share(share_lost * (1 - t / 60), 0.05, grade=grade, id=f"{key}/{place}/{t}")
            for t in range(months)
        )

    def back(place: str, value: float | None) -> Figure:
        late = "not within 24 months" if value is None else ""
        low = 7.0 if value is None else value / 2
        return Figure(
            f"{key}/{place}/back", value, "months", 2024, "modelled", low, None, grade, (), late
        )

    first = price(peak / 2, f"{key}/first", grade)
    return CutOff(
        material=material,
        stage="refined",
        supplier="China",
        event="China stops all exports from January 2025",
        months=tuple(f"{2025 + t // 12}-{t % 12 + 1:02d}" for t in range(months)),
        outside=tuple(
            price(1 + (peak - 1) * 0.9**t, f"{key}/out/{t}", grade) for t in range(months)
        ),
        inside=tuple(
            price(None if t < 2 else 0.5 + t / 60, f"{key}/in/{t}", grade) for t in range(months)
        ),
        peak=price(peak, f"{key}/peak", grade),
        first_year=first,
        later=price(peak / 4, f"{key}/later", grade),
        short=tuple(
            ShortPlace(
                place,
                code,
                months_of(code, lost),
                share(lost, 0.06, grade=grade, id=f"{key}/{code}/year"),
                back(code, recovery),
            )
            for place, code, lost, recovery in (
                ("European Union", "EU27", 0.4, None),
                ("United States", "USA", 0.004, 14.0),
                ("Japan", "JPN", 0.6, 9.0),
                ("South Korea", "KOR", 0.35, None),
                ("China", "CHN", 0.0, 0.0),
            )
        ),
        limit=Figure("assumption:choke", 50.0, "ratio", None, "judged", 20.0, 100.0),
        note=note,
        instead=Finding(
            f"{material} under licences: the price outside would peak at {{0}}.", (first,)
        )
        if instead
        else None,
    )


def cutoffs() -> tuple[CutOff, ...]:
    """Four panels: a high one, one of grade C, one that hardly moves, one with a long name."""
    return (
        cutoff("Gallium", 48.0, instead=True),
        cutoff("Heavy rare earths", 20.0, grade="C"),
        cutoff("Natural graphite", 1.3, note=""),
        cutoff("Manganese, high purity sulphate", 6.0),
    )


def materials(count: int = 66) -> tuple[MaterialRow, ...]:
    """Annex rows, some with gaps."""
    return tuple(
        MaterialRow(
            material=MATERIALS[n][0] if n < 10 else f"Sample material {n}",
            stages=("ore", "refined") if n % 3 else ("refined",),
            year=2024,
            grade="ABC"[n % 3],  # type: ignore[arg-type]
            direct=TopOrigin("China", share(0.98 - n / 90, grade="ABC"[n % 3], id=f"a/{n}/direct")),
            mined=TopOrigin(
                "Congo, Democratic Republic",
                share(0.7 - n / 100, grade="ABC"[n % 3], id=f"a/{n}/mined"),
            )
            if n % 5
            else None,
            refined=TopOrigin("China", share(0.9 - n / 90, grade="C", id=f"a/{n}/refined")),
            on_first=share(0.95 - n / 80, grade="ABC"[n % 3], id=f"a/{n}/first"),
            on_second=share(0.02 + n / 300, 0.01, grade="ABC"[n % 3], id=f"a/{n}/second"),
            net_import_reliance=share(1.0 - n / 50, grade="ABC"[n % 3], id=f"a/{n}/nir"),
            supply_risk=score(4.1 - n / 20, id=f"a/{n}/sr"),
            supply_risk_official=score(3.9 - n / 20, id=f"a/{n}/sro", official=True)
            if n % 4
            else None,
            importance=score(3.3, id=f"a/{n}/ei"),
            importance_official=score(3.1, id=f"a/{n}/eio", official=True) if n % 4 else None,
        )
        for n in range(count)
    )


def sample_content() -> BriefContent:
    """A full brief, all invented."""
    rows = dependences()
    return BriefContent(
        meta=Meta(
            "the European Union",
            "EU27",
            "China",
            "CHN",
            2024,
            "2026.1-sample",
            "5f3c9ae1b2d4",
            "0.1.0",
            "lodestone brief --place EU27 --against CHN --year 2024",
            "2026-02-01",
            homepage="https://example.org/lodestone",
        ),
        headlines=(
            Headline(
                "of 61 materials come mostly from China, traced to the refiner",
                Figure(
                    "count/half",
                    23,
                    "count",
                    2024,
                    "modelled",
                    low=21,
                    high=26,
                    grade="B",
                    sources=("baci",),
                ),
            ),
            Headline("of refined gallium made in China", rows[0].look_through),
            Headline("of rare earth magnets bought from China", rows[5].direct),
            Headline("of use covered by own extraction, by mass", scoreboard()[0].values[0].figure),
        ),
        findings=(
            Finding(
                "The European Union gets {0} of its refined gallium from China; customs show only {1}, because the rest arrives through third countries.",
                (rows[0].look_through, rows[0].direct),
            ),
            Finding(
                "For dysprosium the dependence is {0}: no other place separates heavy rare earths at scale.",
                (rows[2].look_through,),
            ),
            Finding(
                "Natural graphite is the largest flow at risk, {0} a year.",
                (tonnes(183_450.0, id="flow/graphite"),),
            ),
            Finding(
                "Own extraction stands at {0} of use against a target of 10 %, and processing at {1} against 40 %.",
                (scoreboard()[0].values[0].figure, scoreboard()[1].values[0].figure),
            ),
            Finding(
                "For magnesium the direct share is {0}: the customs code does not tell metal from powder.",
                (rows[3].direct,),
            ),
        ),
        dependences=rows,
        scoreboard=scoreboard(),
        chains=(chain(),),
        trends=trends(),
        comparison=Comparison(
            "China",
            "United States",
            tuple(
                Rival(
                    m,
                    s,
                    share(0.97 - 0.05 * n, grade="C" if n == 4 else "B", id=f"c/{n}/1"),
                    share(0.02 + 0.05 * n if n != 6 else None, 0.015, id=f"c/{n}/2"),
                )
                for n, (m, s) in enumerate(MATERIALS)
            ),
        ),
        unknowns=(
            "Trade in magnets before 2024 is not in the open files; the trend for magnets is modelled and graded C.",
            "No source gives gallium refining capacity by country beyond China, Japan, Korea and Russia.",
            "Scrap by country is missing for most minor metals; recycling shares rest on EU-wide rates.",
            "Germanium has no customs code of its own: its trade is inferred from a basket of metals.",
            "What sits in company stocks is unknown.",
            "The element split of rare earth imports is inferred from ore types.",
            "Caesium and rubidium have no country data at all.",
        ),
        materials=materials(),
        ledger=tuple(
            LedgerRow(
                "Cobalt",
                "mine",
                f"Congo (DRC) → China, code 26050{n}",
                tonnes(175_000.0 - n),
                tonnes(140_000.0 + 1000 * n),
                2.4 + n / 10,
                "The same cargo is booked in two codes.",
            )
            for n in range(12)
        ),
        sources=(
            SourceRow(
                "usgs",
                "U.S. Geological Survey, Mineral Commodity Summaries 2026",
                "CC0 1.0",
                "https://example.org/usgs",
            ),
            SourceRow("baci", "CEPII, BACI, HS92, release 2026", "Etalab 2.0"),
            SourceRow(
                "ec",
                "European Commission, Study on the critical raw materials for the EU 2023",
                "CC BY 4.0",
            ),
            SourceRow("act", "Regulation (EU) 2024/1252, Article 5", "EU reuse"),
        ),
        notes=("All numbers in this sample are invented.",),
        cutoffs=cutoffs(),
    )
