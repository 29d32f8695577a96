"""The dossier as one self-contained page: no request leaves it, and it prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from lodestone.report.page import PAGE_POLICY, page_style
from lodestone.report.pictures import Picture

#: Row heads of so many letters are not broken.
_SHORT = 14


def dossier_page(view: Mapping[str, Any], pictures: Mapping[str, Picture]) -> str:
    """The whole page as HTML text; the same view gives the same text."""
    body = [
        '<a class="skip" href="#main">↓</a>',
        "<header>",
        f'<p class="kicker"><b>{escape(view["kicker"])}</b><span>{escape(view["dateline"])}</span></p>',
        f"<h1>{escape(view['title'])}</h1>",
        f'<p class="lead">{escape(view["bill"])}</p>',
        "</header>",
        '<main id="main">',
        _headlines(view["headlines"]),
        f"<h2>{escape(view['board'])}</h2>",
        f'<ul class="findings">{"".join(_sentence(parts) for parts in view["findings"])}</ul>',
        *(_block(one, pictures, 2) for one in view["front"]),
        f'<p class="legend">{escape(view["grade"])}</p>',
        *(_section(part, pictures) for part in view["sections"]),
        *(_block(one, pictures, 2) for one in view["annex"]),
        f"<h2>{escape(view['sources_head'])}</h2>",
        _sources(view["sources"]),
        "</main>",
        f"<footer>{escape(view['imprint'])}</footer>",
    ]
    head = (
        f'<!doctype html>\n<html lang="{escape(view["language"])}">\n<head>\n'
        '<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{PAGE_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(view['document'])}</title>\n<style>{page_style()}</style>\n</head>\n"
    )
    return f"{head}<body>\n" + "\n".join(body) + "\n</body>\n</html>\n"


def _headlines(found: Sequence[Mapping[str, str]]) -> str:
    items = "".join(
        f'<li><strong class="n">{escape(one["value"])}</strong><p>{escape(one["label"])}</p></li>'
        for one in found
    )
    return f'<ul class="headlines">{items}</ul>'


def _section(part: Mapping[str, Any], pictures: Mapping[str, Picture]) -> str:
    blocks = "\n".join(_block(one, pictures, 3) for one in part["blocks"])
    return f"<h2>{escape(part['title'])}</h2>\n{_lead(part['lead'])}{blocks}"


def _block(one: Mapping[str, Any], pictures: Mapping[str, Picture], level: int) -> str:
    title = one.get("title", "")
    head = f"<h{level}>{escape(title)}</h{level}>" if title else ""
    lead = _lead(one.get("lead", ""))
    if one["kind"] == "picture":
        return f'{head}{lead}<div class="drawing">{pictures[one["name"]].svg}</div>'
    if one["kind"] == "list":
        return f"{head}{lead}<ul>{''.join(f'<li>{escape(i)}</li>' for i in one['items'])}</ul>"
    if not one["rows"]:
        return f"{head}{lead}<p>{escape(one['empty'])}</p>"
    return f"{head}{lead}{_table(one)}"


def _lead(words: str) -> str:
    return f'<p class="lead">{escape(words)}</p>' if words else ""


def _table(one: Mapping[str, Any]) -> str:
    columns = "".join(f'<th scope="col">{escape(c)}</th>' for c in one["columns"])
    rows = "".join(
        f"<tr>{''.join(f'<td>{_cell(c)}</td>' for c in row)}</tr>" for row in one["rows"]
    )
    return (
        f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(one["title"])}"><table>'
        f"<thead><tr>{columns}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _cell(one: Mapping[str, Any]) -> str:
    if "text" in one:
        return escape(one["text"])
    if "strong" in one:
        kept = ' class="kept"' if len(one["strong"]) <= _SHORT else ""
        return f"<strong{kept}>{escape(one['strong'])}</strong>"
    if "id" in one:
        return f"<code>{escape(one['id'])}</code>"
    if "parts" in one:
        return "; ".join(f"{escape(p['name'])} {_number(p['fig'])}" for p in one["parts"])
    return _number(one["fig"])


def _number(fig: Mapping[str, Any]) -> str:
    band = f' <span class="band">({escape(fig["band"])})</span>' if fig["band"] else ""
    mark = f'<span class="mark">{escape(fig["grade"])}</span>' if fig["grade"] else ""
    dagger = f" {escape(fig['mark'])}" if fig["mark"] else ""
    return f"{escape(fig['value'])}{band}{dagger}{mark}"


def _sentence(parts: Sequence[Mapping[str, Any]]) -> str:
    return (
        f"<li>{''.join(escape(p['text']) if 'text' in p else _told(p['fig']) for p in parts)}</li>"
    )


def _told(fig: Mapping[str, Any]) -> str:
    known = (fig["band"], fig["year"], fig["grade"]) if fig["known"] else ()
    inside = ", ".join(x for x in known if x)
    band = f' <span class="band">({escape(inside)})</span>' if inside else ""
    notes = ",".join(f'<a href="#source-{n}">{n}</a>' for n in fig["refs"])
    return f"<strong>{escape(fig['value'])}</strong>{band}" + (
        f"<sup>{notes}</sup>" if notes else ""
    )


def _sources(rows: Sequence[Mapping[str, Any]]) -> str:
    items = []
    for row in rows:
        address = escape(row["address"])
        link = f' <a href="{address}">{address}</a>' if address else ""
        items.append(
            f'<li id="source-{row["number"]}">{escape(row["citation"])} '
            f'<span class="band">{escape(row["licence"])}</span>{link}</li>'
        )
    return f"<ol>{''.join(items)}</ol>"
