"""Finds a thing by any of its names, and says "did you mean" when nobody knows the name."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping

from lodestone.terms.errors import DataError, Problems, RequestError


def fold(text: str) -> str:
    """Form of a name used for comparison: no case, accents, spaces or punctuation.

    Examples
    --------
    >>> fold("Côte d’Ivoire") == fold("cote d'ivoire")
    True
    >>> fold("Rare-Earths"), fold("rare_earths")
    ('rareearths', 'rareearths')
    """
    plain = unicodedata.normalize("NFKD", text.replace("&", "and")).casefold()
    # Case folding can compose a letter again: decompose once more before accents are dropped.
    plain = unicodedata.normalize("NFKD", plain)
    return "".join(letter for letter in plain if letter.isalnum())


class Index:
    """Names of one kind of thing (material, place, bloc), each leading to exactly one id.

    Parameters
    ----------
    kind
        What is looked up, in the words of an error message: "material", "place".
    names
        For each id, all names it answers to. The first one is shown in suggestions.

    Raises
    ------
    DataError
        If two ids share a name: a lookup must never depend on the order of a file.
    """

    def __init__(self, kind: str, names: Mapping[str, Iterable[str]]) -> None:
        self.kind = kind
        self._ids: dict[str, str] = {}
        self._spelling: dict[str, str] = {}
        problems = Problems(f"names of every {kind}")
        for ident, spellings in names.items():
            for spelling in spellings:
                self._enter(ident, spelling, problems)
        problems.raise_if_any(DataError)

    def _enter(self, ident: str, spelling: str, problems: Problems) -> None:
        key = fold(spelling)
        if not key:
            problems.add(f"{ident} has a name without letters or digits: {spelling!r}")
        elif self._ids.setdefault(key, ident) != ident:
            problems.add(f"{spelling!r} means both {self._ids[key]} and {ident}")
        self._spelling.setdefault(key, spelling)

    def find(self, key: str) -> str | None:
        """Id that `key` names, or None. Never a guess."""
        return self._ids.get(fold(key))

    def get(self, key: str) -> str:
        """Id that `key` names, or a `RequestError` that suggests the nearest names."""
        ident = self.find(key)
        if ident is None:
            raise self.unknown(key)
        return ident

    def unknown(self, key: str) -> RequestError:
        """Build the error for a name that nobody knows."""
        near = difflib.get_close_matches(fold(key), self._ids, n=8, cutoff=0.6)
        # Several spellings of one thing would crowd out the other candidates: keep the nearest.
        nearest: dict[str, str] = {}
        for name in near:
            nearest.setdefault(self._ids[name], self._spelling[name])
        options = [f"{spelling} ({ident})" for ident, spelling in nearest.items()][:3]
        hint = f"did you mean {', '.join(options)}?" if options else f"no {self.kind} is near it"
        return RequestError(f"unknown {self.kind} {key!r}: {hint}")
