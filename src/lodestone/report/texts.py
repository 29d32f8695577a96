"""The fixed words of a brief, read from one catalogue per language (`texts.toml` is English)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from lodestone.terms.errors import RequestError


@dataclass(frozen=True)
class Texts:
    """Words by dotted key; slots such as `{place}` are filled when a text is asked for."""

    language: str
    entries: Mapping[str, str]

    def __call__(self, key: str, **slots: object) -> str:
        """Return the text of `key` with its slots filled."""
        return self.entries[key].format(**slots)

    def heading(self, key: str, **slots: object) -> str:
        """The text of `key` with a capital first letter, whatever label it begins with."""
        words = self(key, **slots)
        return words[:1].upper() + words[1:]

    def section(self, prefix: str) -> dict[str, str]:
        """Every text below `prefix`, by the rest of its key."""
        start = f"{prefix}."
        return {k[len(start) :]: v for k, v in self.entries.items() if k.startswith(start)}


def load_texts(language: str = "en", catalogue: str = "texts") -> Texts:
    """Read a catalogue in a language: `texts` of the brief and charts, `dossier` of the dossier.

    Raises
    ------
    RequestError
        If there is no catalogue in that language.
    """
    name = f"{catalogue}.toml" if language == "en" else f"{catalogue}.{language}.toml"
    file = resources.files("lodestone.report") / name
    if not file.is_file():
        raise RequestError(f"no texts in language {language!r} -> use 'en'")
    return Texts(language, _flat(tomllib.loads(file.read_text("utf-8"))))


def _flat(table: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, item in table.items():
        if isinstance(item, Mapping):
            flat |= _flat(item, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = str(item)
    return flat
