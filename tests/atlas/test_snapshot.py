"""Snapshots: a raw folder is read only as its manifest says it is."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from lodestone.atlas.snapshot import take
from lodestone.terms.errors import DataError

_FILES = {"wgi/one.csv": b"a,b\n1,2\n", "iea/two.csv": b"c\n3\n"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = ["file,sha256"]
    for file, content in _FILES.items():
        path = tmp_path / file
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        lines.append(f"{file},{hashlib.sha256(content).hexdigest()}")
    (tmp_path / "MANIFEST.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def test_a_whole_folder_is_taken_in_order_with_its_sources(folder: Path) -> None:
    taken = take(folder)
    assert [snapshot.file for snapshot in taken] == list(_FILES)
    assert [snapshot.source.id for snapshot in taken] == ["wgi", "iea_cm2025"]
    assert [snapshot.content for snapshot in taken] == list(_FILES.values())


def test_documentation_beside_the_data_needs_no_row(folder: Path) -> None:
    (folder / "wgi" / "README.md").write_text("about", encoding="utf-8")
    assert len(take(folder)) == 2


def test_altered_missing_and_unlisted_files_are_all_told(folder: Path) -> None:
    (folder / "wgi/one.csv").write_bytes(b"a,b\n1,3\n")
    (folder / "iea/two.csv").unlink()
    (folder / "iea/three.csv").write_bytes(b"new")
    with pytest.raises(DataError) as caught:
        take(folder)
    told = str(caught.value)
    expected = hashlib.sha256(_FILES["wgi/one.csv"]).hexdigest()
    assert f"the manifest says {expected}" in told
    assert "iea/two.csv: listed in the manifest but missing" in told
    assert "iea/three.csv: not in the manifest" in told


def test_a_listed_file_of_no_source_is_told(folder: Path) -> None:
    content = b"x"
    (folder / "stray.csv").write_bytes(content)
    with (folder / "MANIFEST.csv").open("a", encoding="utf-8") as manifest:
        manifest.write(f"stray.csv,{hashlib.sha256(content).hexdigest()}\n")
    with pytest.raises(DataError, match=r"stray\.csv: sources that list it: none"):
        take(folder)


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"MANIFEST\.csv"):
        take(tmp_path)


def test_a_manifest_with_a_renamed_column_is_refused(folder: Path) -> None:
    manifest = folder / "MANIFEST.csv"
    manifest.write_text(manifest.read_text().replace("sha256", "checksum"), encoding="utf-8")
    with pytest.raises(DataError, match="column 'sha256' is missing"):
        take(folder)


def test_a_manifest_that_lists_a_file_twice_is_refused(folder: Path) -> None:
    manifest = folder / "MANIFEST.csv"
    lines = manifest.read_text(encoding="utf-8").splitlines()
    manifest.write_text("\n".join([*lines, lines[1]]) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match="listed twice"):
        take(folder)


@pytest.mark.raw
def test_the_raw_folder_is_whole(raw: Path) -> None:
    taken = take(raw)
    assert len(taken) > 400
    assert {snapshot.source.id for snapshot in taken} >= {"usgs_mcs2026", "wgi", "bea_2017"}
