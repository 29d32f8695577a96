"""Named colours of every picture, for paper and for a dark screen.

The strong hues are those of Okabe & Ito (2008), which readers with any common colour vision
tell apart. No picture relies on hue alone: shape, position, hatching or words say it too.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple


class Shade(NamedTuple):
    """One colour on white paper and on a dark screen."""

    light: str
    dark: str


PALETTE: MappingProxyType[str, Shade] = MappingProxyType(
    {
        "paper": Shade("#ffffff", "#14171a"),
        "panel": Shade("#f4f6f8", "#1d2125"),
        "ink": Shade("#16191d", "#eceff1"),
        "muted": Shade("#545b63", "#aab2ba"),
        "grid": Shade("#d5dade", "#3b4248"),
        "axis": Shade("#8a929a", "#79828a"),
        "against": Shade("#c44f00", "#f0883e"),
        "place": Shade("#0072b2", "#56b4e9"),
        "second": Shade("#0072b2", "#56b4e9"),
        "direct": Shade("#0072b2", "#56b4e9"),
        "through": Shade("#c44f00", "#f0883e"),
        "other": Shade("#8f979f", "#79828a"),
        "loss": Shade("#b9c0c6", "#545c63"),
        "target": Shade("#16191d", "#eceff1"),
    }
)


def colour_rules() -> str:
    """CSS that lets a page recolour a drawing by theme: variables and the classes that use them."""
    light = ";".join(f"--{name}:{shade.light}" for name, shade in PALETTE.items())
    dark = ";".join(f"--{name}:{shade.dark}" for name, shade in PALETTE.items())
    fills = "".join(f".f-{n}{{fill:var(--{n})}}.s-{n}{{stroke:var(--{n})}}" for n in PALETTE)
    return (
        f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}{fills}"
    )
