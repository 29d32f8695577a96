"""How the rows of `data unseen` are laid out for people."""

from __future__ import annotations

from lodestone.cli.layouts import Layout, Words

#: Kind of row (column `table`) -> layout.
UNSEEN = {
    "unseen": Layout(
        title="What the open files cannot show",
        columns={
            "material": Words(),
            "stage": Words(),
            "value": Words("trade seen", "share", digits=2),
            "missing": Words("missing codes"),
            "why": Words(),
            "grade": Words("grade"),
        },
    ),
    "grade": Layout(
        title="Grades by stage and year",
        columns={
            "material": Words(),
            "stage": Words(),
            "year": Words(),
            "value": Words("trade seen", "share", digits=2),
            "grade": Words("grade"),
        },
        limit=10,
    ),
}
