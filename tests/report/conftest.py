"""The sample brief, drawn and written once for all tests of this room."""

from __future__ import annotations

import pytest
from brief_sample import sample_content

from lodestone.report.brief import BriefFiles, write_brief
from lodestone.report.brief_content import BriefContent
from lodestone.report.texts import Texts, load_texts


@pytest.fixture(scope="session")
def content() -> BriefContent:
    """A full brief with invented numbers."""
    return sample_content()


@pytest.fixture(scope="session")
def texts() -> Texts:
    """The English catalogue."""
    return load_texts()


@pytest.fixture(scope="session")
def written(content: BriefContent, tmp_path_factory: pytest.TempPathFactory) -> BriefFiles:
    """The sample brief on disk."""
    return write_brief(content, tmp_path_factory.mktemp("brief"))
