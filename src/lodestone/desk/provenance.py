"""Where a number comes from: ids of numbers, and the way from an id down to file and row."""

from __future__ import annotations

from dataclasses import dataclass

from lodestone.terms.errors import RequestError


@dataclass(frozen=True)
class NumberId:
    """A parsed id: its kind and its labels in order."""

    kind: str
    labels: tuple[str, ...]


#: Kind of id -> names of its labels.
SHAPES = {
    "dependence": ("material", "year", "buyer", "lens", "stage", "origin"),
    "chain": ("material", "year"),
    "cell": ("material", "year", "stage", "place", "entry"),
    "link": ("material", "year", "stage", "origin>destination"),
    "cutoff": ("measure", "material", "year", "supplier", "place", "what"),
    "loss": ("material", "year", "supplier", "place", "what"),
    "risk": ("material", "year", "supplier", "place", "what"),
    "alliance": ("year", "supplier", "members", "against", "what"),
    "option": ("year", "place", "option"),
    "plan": ("plan", "year", "table", "what"),
    "supplier": ("material", "year", "supplier", "stage", "origin_stage", "origin"),
    "vault": ("material", "year", "vault", "what"),
    "score": ("method", "material", "stage", "year", "place"),
    "fact": ("source", "file", "row"),
    "assumption": ("name",),
}


def parse_id(text: str) -> NumberId:
    """Read an id such as `dependence:cobalt:2024:EU27:direct:refine:CHN`.

    Raises
    ------
    RequestError
        Saying which kinds there are and what labels each needs.
    """
    kind, _, rest = text.partition(":")
    if kind == "bill":
        row = rest.partition(":")[0]
        where = f"row {row} of the bill" if row.isdecimal() else "the whole bill"
        raise RequestError(
            f"{text!r} is a number of a company's bill of materials, which is not kept here: it "
            f"follows from {where}, as `lodestone dossier` says beside it"
        )
    if kind not in SHAPES:
        shapes = "; ".join(f"{k}:{':'.join(v)}" for k, v in SHAPES.items())
        raise RequestError(f"{text!r} is not the id of a number. Ids look like: {shapes}")
    if kind == "fact":
        return NumberId(kind, (rest,))
    labels = tuple(rest.split(":"))
    if len(labels) != len(SHAPES[kind]):
        raise RequestError(
            f"{text!r} has {len(labels)} labels, but {kind} needs {len(SHAPES[kind])}: "
            + ":".join(SHAPES[kind])
        )
    return NumberId(kind, labels)


def fact_source(fact: str) -> str:
    """Source id of a fact id."""
    return fact.partition(":")[0]
