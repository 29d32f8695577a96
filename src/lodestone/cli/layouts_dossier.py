"""How a company's dossier is laid out for people: its stops; the rest stands in the files."""

from __future__ import annotations

from lodestone.cli.layouts import OWN, Layout, Words

_HIDDEN = Layout(limit=0)
_ONE_NUMBER_A_ROW = (
    "finding",
    "bill",
    "supplier",
    "mapping",
    "concentration",
    "score",
    "stop",
    "scenario",
    "option",
)

#: Kind of row (column `table`), of the verb `dossier`, -> layout.
DOSSIER = {
    **dict.fromkeys(_ONE_NUMBER_A_ROW, _HIDDEN),
    "summary": Layout(
        title="What a stop of each supplier would cost, the largest expected cost first",
        columns={
            "material": Words(),
            "stage": Words(),
            "supplier": Words("from"),
            "hit": Words("of the line", digits=2),
            "short": Words("short", digits=2),
            "lasts": Words("stock lasts", digits=3),
            "chance": Words("chance a year", digits=2),
            "value": Words("expected a year", OWN, digits=3),
            "cost": Words("full stop", digits=3),
            "band": Words(),
            "evidence": Words("rests on"),
        },
        limit=20,
    ),
    "control": Layout(
        title="Export controls that touch a line",
        columns={
            "material": Words(),
            "stage": Words(),
            "supplier": Words("by"),
            "what": Words("measure"),
            "target": Words("against"),
            "since": Words(),
            "status": Words(),
            "value": Words("of the line", OWN, digits=2),
        },
        limit=12,
    ),
}
