"""From what industries use and make to who buys from whom: `EconomyTable` from make and use.

A statistical office prints two tables. *Use*: the car industry takes steel, chips, electricity.
*Make*: the steel industry makes steel, and a little electricity. Who supplies the electricity of
the car industry is not printed. Here every buyer of a product takes it from its makers in the
same shares (the *fixed product sales structure*: Eurostat manual of supply, use and input-output
tables 2008, chapter 11, model D; Miller and Blair, Input-Output Analysis, 2009, chapter 5,
industry by industry with industry technology):

    D[i, p] = V[i, p] / q[p]                 market share of industry i in product p
    Z = D (U - M)                            domestic flows between industries
    x = V 1                                  output
    f = x - Z 1 = D (q - (U - M) 1)          domestic final use: what industries do not take
    m = 1' M,   v = x - 1' U                 imported intermediates, value added

with `V[i, p]` made of p by i, `U[p, j]` used of p by j, `M[p, j]` the imported part of it, and
`q[p]` all that is made of p. No negative flow can arise from a table that has none, which is why
this model is chosen. Final use closes each product, so `v` is always `f` less imported
intermediates, and rounding of the printed cells ends up in final use and value added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from lodestone.economy.from_flows import from_flows
from lodestone.economy.table import EconomyTable, Floats
from lodestone.terms.errors import DataError, Problems


@dataclass(frozen=True)
class MakeUse:
    """Make, use and import tables of one economy in one year, million `currency`.

    Attributes
    ----------
    place, year, source, scheme, currency : as in `EconomyTable`
    products : (p,) codes of products
    industries, names : (n,) codes and names of industries
    use : (p, n) `use[c, j]`: product c, domestic and imported, taken by industry j
    imports : (p, n) the imported part of it
    make : (n, p) `make[i, c]`: product c made by industry i
    not_made : code of each product that no industry makes as its business, and why: scrap, used
        goods, imports without a domestic kind. What industries take of it is counted with
        `imported`: demand for it makes nobody produce; what they sell of it is final use
    printed_value_added : of all industries, to be compared with; None if unknown
    """

    place: str
    year: int
    source: str
    scheme: str
    products: tuple[str, ...]
    industries: tuple[str, ...]
    names: tuple[str, ...]
    use: Floats
    imports: Floats
    make: Floats
    not_made: Mapping[str, str] = field(default_factory=dict)
    printed_value_added: float | None = None
    currency: str = "USD"

    def __post_init__(self) -> None:
        _check(self)


def from_make_use(accounts: MakeUse) -> EconomyTable:
    """The table of an economy, industries by industries, with imports taken out of each use.

    Parameters
    ----------
    accounts : printed make, use and import tables

    Returns
    -------
    EconomyTable
        `value_added` sums to `final_use` less `imported`; the Leontief inverse exists. Every
        mending is a note with its size.

    Raises
    ------
    DataError
        For numbers that are not finite, codes that stand twice, a product that is used at home
        and made by nobody (and not said to be so), or coefficients without a convergent sum.

    Examples
    --------
    >>> import numpy as np
    >>> table = from_make_use(MakeUse("AAA", 2020, "by hand", "two", ("ore", "steel"),
    ...     ("mine", "mill"), ("Mine", "Mill"), use=np.array([[0.0, 40.0], [10.0, 0.0]]),
    ...     imports=np.array([[0.0, 10.0], [0.0, 0.0]]),
    ...     make=np.array([[50.0, 0.0], [0.0, 100.0]])))
    >>> table.flows.tolist(), table.final_use.tolist(), table.value_added.tolist()
    ([[0.0, 30.0], [10.0, 0.0]], [20.0, 90.0], [40.0, 60.0])
    """
    notes: list[str] = []
    make = _without_negative_make(accounts, notes)
    domestic = _domestic_use(accounts, notes)
    made = make.sum(axis=0)
    _check_supply(accounts, made, domestic)
    share = np.divide(make, made, out=np.zeros_like(make), where=made > 0.0)
    output = make.sum(axis=1)
    return from_flows(
        place=accounts.place,
        year=accounts.year,
        source=accounts.source,
        scheme=accounts.scheme,
        sectors=accounts.industries,
        names=accounts.names,
        # not a matrix product: its last digits depend on the number of threads
        flows=np.einsum("ij,jk->ik", share, domestic),
        imported=accounts.use.sum(axis=0) - domestic.sum(axis=0),
        output=output,
        currency=accounts.currency,
        notes=[*notes, *_totals_note(accounts, output)],
    )


def _domestic_use(accounts: MakeUse, notes: list[str]) -> Floats:
    """(p, n) what industries take of home-made products."""
    use, imports = accounts.use, np.maximum(accounts.imports, 0.0)
    money = f"million {accounts.currency}"
    _say(notes, "negative imported uses counted as zero: {}", (imports - accounts.imports), money)
    made = np.array([code not in accounts.not_made for code in accounts.products])
    for code, why in accounts.not_made.items():
        at = accounts.products.index(code)
        notes.append(
            f"{code} ({why}): {use[at].sum():,.0f} {money} taken by industries "
            f"({imports[at].sum():,.0f} of it printed as imported) counts with imported "
            f"intermediates; the {accounts.make[:, at].sum():,.0f} that industries sell is final use"
        )
    # A negative use is a sale from stocks: it is no purchase, and belongs to final use.
    positive = np.maximum(use, 0.0)
    _say(
        notes,
        "negative uses (sales of stocks) moved to final use: {}",
        (positive - use)[made],
        money,
    )
    kept = np.minimum(imports, positive)
    _say(
        notes,
        "imports larger than the use of the same cell, cut to it: {}; the rest is taken to be "
        "imported for final use of the same product",
        (imports - kept)[made],
        money,
    )
    return np.where(made[:, None], positive - kept, 0.0)


def _without_negative_make(accounts: MakeUse, notes: list[str]) -> Floats:
    make = np.maximum(accounts.make, 0.0)
    said = "negative output of a product counted as zero: {}"
    _say(notes, said, make - accounts.make, f"million {accounts.currency}")
    return make


def _say(notes: list[str], text: str, mended: Floats, unit: str) -> None:
    """Note a mending with its cells and its size, if there is any."""
    cells = int(np.count_nonzero(mended))
    if cells:
        notes.append(text.format(f"{cells} cells, {np.abs(mended).sum():,.0f} {unit}"))


def _totals_note(accounts: MakeUse, output: Floats) -> list[str]:
    if accounts.printed_value_added is None:
        return []
    gap = output.sum() - accounts.use.sum() - accounts.printed_value_added
    return [
        f"value added {accounts.printed_value_added:,.0f} million {accounts.currency} as printed; "
        f"output less uses is {gap:+,.0f} from it (rounding of the cells)"
    ]


def _check(accounts: MakeUse) -> None:
    p, n = len(accounts.products), len(accounts.industries)
    problems = Problems(f"make and use tables of {accounts.place} {accounts.year}")
    for what, values, shape in (
        ("use", accounts.use, (p, n)),
        ("imports", accounts.imports, (p, n)),
        ("make", accounts.make, (n, p)),
    ):
        if values.shape != shape:
            problems.add(f"has shape {values.shape}, not {shape}", what, "a row a label")
        elif not np.isfinite(values).all():
            problems.add("holds what is not a finite number", what, "fill in or drop")
    for what, codes in (("products", accounts.products), ("industries", accounts.industries)):
        for code in sorted({c for c in codes if codes.count(c) > 1}):
            problems.add(f"{code!r} stands twice", what, "one row a code")
    for code in accounts.not_made:
        if code not in accounts.products:
            problems.add(f"{code!r} is no product", "not_made", "use a code of `products`")
    problems.raise_if_any(DataError)


def _check_supply(accounts: MakeUse, made: Floats, domestic: Floats) -> None:
    """No industry may take a home-made product that nobody makes."""
    problems = Problems(f"make and use tables of {accounts.place} {accounts.year}")
    for k in np.flatnonzero((made <= 0.0) & (domestic.sum(axis=1) > 0.0)):
        problems.add(
            f"{domestic[k].sum():,.0f} are taken of it at home, and no industry makes it",
            accounts.products[k],
            "name it in `not_made` with the reason, or correct the make table",
        )
    problems.raise_if_any(DataError)
