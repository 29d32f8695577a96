"""The data verbs: build a release, verify it, fetch originals, list sources."""

from __future__ import annotations

from pathlib import Path

from lodestone.desk.answer import Answer, citations


def data_build(
    raw: Path, out: Path, baci: Path | None = None, *, workers: int | None = None
) -> Answer:
    """Turn raw files into a data release in the folder `out`.

    Parameters
    ----------
    raw : folder of the publishers' files with MANIFEST.csv
    out : where to write Parquet files and datapackage.json
    baci : a full BACI archive of any HS revision; lifts grades where codes were missing
    workers : processes; one a core if left out

    Returns
    -------
    Answer
        One row a table with rows and bytes; notes say everything that was mended.
    """
    from lodestone.atlas.release import load_release, write_release
    from lodestone.desk.building import build_tables

    build = build_tables(raw, baci, workers=workers)
    package = write_release(out, build.tables, build.cards)
    release = load_release(out)
    rows = [
        {"table": r.name, "rows": r.rows, "bytes": r.bytes, "sha256": r.sha256}
        for r in package.resources.values()
    ]
    return Answer(
        query={"verb": "data build", "raw": str(raw), "out": str(out), "baci": str(baci or "")},
        results=tuple(rows),
        units={"bytes": "byte"},
        sources=citations(s for card in build.cards.values() for s in card.sources),
        notes=build.notes,
        data_release=release.version,
        content_hash=release.content_hash,
    )


def data_table(
    file: Path,
    out: Path,
    place: str,
    layout: str = "lodestone",
    *,
    year: int | None = None,
    currency: str | None = None,
) -> Answer:
    """Read an input-output table of your own, check it, and keep it in Lodestone's form.

    Parameters
    ----------
    file : the table; for `wiod`, the folder of raw files with `io/wiod2013rel_2011_*` in it
    out : Parquet file to write; `economy(place, table=out)` reads it
    place : country, bloc or sum of both that becomes one economy
    layout : `lodestone` (seller, buyer, value), `icio` (OECD), `figaro` (Eurostat) or `wiod`
    year : of the table; may be left out for `wiod`
    currency : of a table in Lodestone's form; USD if left out

    Returns
    -------
    Answer
        One row a sector; notes say what was mended, with its size.

    Raises
    ------
    DataError
        Everything that is wrong with the file, at once: where, what, how to mend it.
    """
    from lodestone.atlas.release import load_release
    from lodestone.desk.own_tables import build_own_table

    table = build_own_table(file, out, place, layout, year, currency)
    release = load_release()
    money = f"million {table.currency}"
    sums = ("output", "value_added", "imported", "final_use")
    rows = [
        {"sector": code, "name": table.names[k]} | {s: float(getattr(table, s)[k]) for s in sums}
        for k, code in enumerate(table.sectors)
    ]
    return Answer(
        query={
            "verb": "data build",
            "table": str(file),
            "layout": layout,
            "place": table.place,
            "year": table.year,
            "out": str(out),
        },
        results=tuple(rows),
        units=dict.fromkeys(sums, money),
        sources=(),
        notes=(
            f"Table: {out}",
            f"value added of all sectors is {table.gdp:,.0f} {money}",
            *table.notes,
        ),
        data_release=release.version,
        content_hash=release.content_hash,
    )


def data_verify(folder: Path | None = None) -> Answer:
    """Check every file of a data release against its hash; the embedded one if none is named.

    Raises
    ------
    DataError
        Naming every file that is altered, missing or extra, with both hashes.
    """
    from lodestone.atlas.release import load_release, verify_release

    checked = verify_release(folder)
    release = load_release(folder)
    return Answer(
        query={"verb": "data verify", "folder": str(folder or "embedded")},
        results=tuple({"file": name, "verified": "yes"} for name, _ in checked),
        units={},
        sources=(),
        notes=(f"{len(checked)} files are as published; content hash {release.content_hash}",),
        data_release=release.version,
        content_hash=release.content_hash,
    )


def data_fetch(folder: Path) -> Answer:
    """Download the publishers' original files into `folder`, checked by hash where one is known.

    Files that are already there and good are left alone.
    """
    from lodestone.atlas.fetch import fetch
    from lodestone.atlas.release import load_release
    from lodestone.atlas.source import sources

    release = load_release()
    rows = [
        {"source": f.source, "file": f.name, "outcome": f.outcome, "sha256": f.sha256}
        for f in fetch(sources(), folder)
    ]
    return Answer(
        query={"verb": "data fetch", "folder": str(folder)},
        results=tuple(rows),
        units={},
        sources=(),
        notes=("Addresses and hashes are listed in atlas/sources.toml.",),
        data_release=release.version,
        content_hash=release.content_hash,
    )


def data_sources() -> Answer:
    """List the sources with licence, citation and whether their numbers ship."""
    from lodestone.atlas.release import load_release
    from lodestone.atlas.source import sources

    release = load_release()
    rows = [
        {
            "source": s.id,
            "publisher": s.publisher,
            "title": s.title,
            "year": s.year,
            "licence": s.licence,
            "ships": "yes" if s.may_ship else "no",
            "citation": s.citation,
            "page": s.page,
        }
        for s in sources()
    ]
    return Answer(
        query={"verb": "data sources"},
        results=tuple(rows),
        units={},
        sources=(),
        notes=("Files that do not ship are read only where a user brings them.",),
        data_release=release.version,
        content_hash=release.content_hash,
    )
