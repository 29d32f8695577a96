"""A database's URL: what it says, what it must not say, and that its password is never shown."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from lodestone.api.database import Database
from lodestone.api.serving import store_at
from lodestone.terms.errors import RequestError


def test_every_part_of_a_url_is_read() -> None:
    url = "postgres://a%40b:p%2F%40%3A%23@db.example.int:6543/my%20runs?sslmode=require"
    found = Database.of(url)
    assert found == Database("a@b", "p/@:#", "db.example.int", 6543, "my runs", "require")
    assert found.socket is None


@pytest.mark.parametrize(
    ("url", "host", "encryption"),
    [
        ("postgresql://u@db.example.int/x", "db.example.int", "verify-full"),
        ("postgresql://u@192.0.2.7/x", "192.0.2.7", "verify-full"),
        ("postgresql://u@localhost/x", "localhost", "disable"),
        ("postgresql://u@127.0.0.1/x", "127.0.0.1", "disable"),
        ("postgresql://u@[::1]/x", "::1", "disable"),
        ("postgresql:///x", "/var/run/postgresql", "disable"),
    ],
)
def test_a_line_that_leaves_this_machine_is_encrypted_unless_told_otherwise(
    url: str, host: str, encryption: str
) -> None:
    found = Database.of(url)
    assert (found.host, found.port, found.encryption) == (host, 5432, encryption)


def test_what_is_left_out_is_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lodestone.api.database.getuser", lambda: "ada")
    found = Database.of("postgresql://")
    assert (found.user, found.name, found.password) == ("ada", "ada", "")
    assert found.socket == "/var/run/postgresql/.s.PGSQL.5432"


def test_the_certificate_is_looked_at_or_not() -> None:
    looked = Database.of("postgresql://u@db.example.int/x").tls()
    blind = Database.of("postgresql://u@db.example.int/x?sslmode=require").tls()
    assert isinstance(looked, ssl.SSLContext)
    assert isinstance(blind, ssl.SSLContext)
    assert (looked.verify_mode, looked.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert (blind.verify_mode, blind.check_hostname) == (ssl.CERT_NONE, False)
    assert Database.of("postgresql://u@localhost/x").tls() is False


def test_an_authority_that_is_not_there_is_said(tmp_path: Path) -> None:
    url = f"postgresql://u@db.example.int/x?sslrootcert={tmp_path}/no.pem"
    with pytest.raises(RequestError, match=r"no\.pem: No such file"):
        Database.of(url).tls()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://u:sesame@h:port/x", "cannot be read"),
        ("postgresql://u:sesame@[::/x", "cannot be read"),
        ("postgresql://u:ses#ame@h/x", "# as %23"),
        ("postgresql://u:sesame@h/x#y", "# as %23"),
        (
            "postgresql://u:sesame@h/x?sslmode=prefer&options=-c",
            "'prefer'.*options|options.*'prefer'",
        ),
        ("postgresql://u:sesame@h/a/b", "database"),
    ],
)
def test_a_url_that_cannot_be_read_is_refused_without_its_password(url: str, said: str) -> None:
    with pytest.raises(RequestError, match=f"(?s){said}") as refused:
        Database.of(url)
    assert "ame" not in str(refused.value).replace("name", "").replace("NAME", "")


def test_the_password_is_never_shown() -> None:
    found = Database.of("postgresql://ada:sesame@db.example.int/runs")
    assert "sesame" not in f"{found} {found!r}"


@pytest.mark.parametrize("text", ["runs.sqlite", "/srv/x", "postgresql", "c:/runs", "mysql://x"])
def test_everything_else_is_a_file(text: str) -> None:
    assert store_at(text) == Path(text)
