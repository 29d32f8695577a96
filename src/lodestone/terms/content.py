"""Content: how much of an element is in its oxide, carbonate or salt, from atomic weights."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from lodestone.terms.errors import RequestError
from lodestone.terms.table import read_table

GROSS, REO = "gross", "REO"
_TOKEN = re.compile(r"([A-Z][a-z]?|\(|\)|\d+)")


@dataclass(frozen=True)
class Basis:
    """What a tonne counts: a compound by its formula and the element it is wanted for.

    `fraction` is the share of the element in the mass of the compound.
    """

    id: str
    formula: str
    element: str
    kind: str

    @property
    def fraction(self) -> float:
        """Tonnes of the element in one tonne."""
        if not self.formula:
            return 1.0
        weights = {e: n * atomic_weight(e) for e, n in atoms(self.formula).items()}
        return weights[self.element] / sum(weights.values())


def contained(value: float, from_basis: str, to_basis: str) -> float:
    """Tonnes of `to_basis` that hold as much of the element as `value` tonnes of `from_basis`.

    Parameters
    ----------
    value
        Tonnes counted in `from_basis`.
    from_basis, to_basis
        An element (`Cr`), a compound (`Cr2O3`, `Li2CO3`) or a trade name (`LCE`, `REO`). `REO`
        stands for the oxide of whichever rare earth the other basis names.

    Raises
    ------
    RequestError
        If a basis is unknown or the two hold different elements. A factor is never guessed:
        gross tonnes of ore have no content here.

    Examples
    --------
    >>> round(contained(1, "Cr2O3", "Cr"), 4), round(contained(1, "LCE", "Li"), 4)
    (0.6842, 0.1879)
    >>> round(contained(1, "Nd", "REO"), 4)
    1.1664
    >>> contained(1, "gross", "Cu")
    Traceback (most recent call last):
    lodestone.terms.errors.RequestError: no way from basis 'gross' to 'Cu': they share no element
    """
    known = bases()
    for name in (from_basis, to_basis):
        if name not in known:
            raise RequestError(f"unknown basis {name!r}: one of {', '.join(known)}")
    if from_basis == to_basis:
        return value
    start, end = known[from_basis], known[to_basis]
    start, end = _own_oxide(start, end), _own_oxide(end, start)
    if not start.element or start.element != end.element:
        raise RequestError(
            f"no way from basis {from_basis!r} to {to_basis!r}: they share no element"
        )
    return value * start.fraction / end.fraction


@cache
def bases() -> dict[str, Basis]:
    """All bases: each element by its symbol, then compounds and trade names."""
    elements = {
        row["symbol"]: Basis(row["symbol"], "", row["symbol"], row["kind"])
        for row in read_table("elements")
    }
    rest = {
        row["basis"]: Basis(row["basis"], row["formula"], row["element"], row["kind"])
        for row in read_table("bases")
    }
    return {**elements, **rest}


@cache
def atomic_weight(symbol: str) -> float:
    """Standard atomic weight of an element (IUPAC 2021, revised 2024; conventional value)."""
    for row in read_table("elements"):
        if row["symbol"] == symbol:
            return float(row["weight"])
    raise RequestError(f"unknown element {symbol!r}")


def atoms(formula: str) -> dict[str, int]:
    """Number of atoms of each element in a formula; hydrates are written with a dot.

    Examples
    --------
    >>> atoms("Co(OH)2") == {"Co": 1, "O": 2, "H": 2}
    True
    >>> atoms("NiSO4.6H2O") == {"Ni": 1, "S": 1, "O": 10, "H": 12}
    True
    """
    total: dict[str, int] = {}
    for part in formula.split("."):
        lead = re.match(r"\d*", part)
        count = lead.group() if lead else ""
        for element, number in _atoms_of_part(part[len(count) :], formula).items():
            total[element] = total.get(element, 0) + number * int(count or 1)
    return total


def _atoms_of_part(part: str, formula: str) -> dict[str, int]:
    """Atoms of a formula without dots: a stack of open brackets, the last group waits for its 2."""
    tokens = _TOKEN.findall(part)
    if "".join(tokens) != part or not part:
        raise RequestError(f"cannot read the formula {formula!r}")
    stack: list[dict[str, int]] = [{}]
    last: dict[str, int] = {}
    for token in tokens:
        if token == "(":
            stack.append({})
        elif token == ")":
            last = stack.pop()
            _add(stack[-1], last, 1)
        elif token.isdigit():
            _add(stack[-1], last, int(token) - 1)
        else:
            last = {token: 1}
            _add(stack[-1], last, 1)
    return stack[0]


def _add(total: dict[str, int], more: dict[str, int], times: int) -> None:
    for element, number in more.items():
        total[element] = total.get(element, 0) + number * times


def _own_oxide(basis: Basis, other: Basis) -> Basis:
    """Replace `REO` by the usual oxide of the rare earth that the other basis names."""
    if basis.id != REO:
        return basis
    oxides = (b for b in bases().values() if b.kind == REO and b.element == other.element)
    return next(oxides, basis)
