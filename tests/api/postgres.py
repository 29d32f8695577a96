"""A real PostgreSQL server for the tests: made in a temporary folder, gone when they end."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from lodestone.api.database import Database

#: Debian keeps the server's programs off the PATH.
_PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
USER, PASSWORD = "ada", "pass word/@:#%"
_AS = "postgres"
# Ends the server when the tests end, however they end: nobody holds the other end of its input then.
_WATCHED = '"$@" & server=$!; trap "" INT; read _; kill -INT $server; wait $server'


class Server:
    """A server on this machine alone; a password is demanded.

    Parameters
    ----------
    bin : folder of its programs
    """

    def __init__(self, bin: Path) -> None:
        self._bin, self._names = bin, count()
        # The server refuses to run as root, and must reach its folder.
        self._user = _AS if getpass.getuser() == "root" else None
        self._folder = Path(tempfile.mkdtemp(prefix="lodestone-pg-"))
        if self._user:
            shutil.chown(self._folder, self._user)
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = int(found.getsockname()[1])
        secret = self._folder / "secret"
        secret.write_text(PASSWORD, encoding="utf-8")
        if self._user:
            shutil.chown(secret, self._user)
        words = ["-U", USER, "--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync"]
        # Sorted as people sort, not as bytes are: the store must not lean on either.
        words += ["--locale-provider=icu", "--icu-locale=en", "--encoding=UTF8"]
        self._run("initdb", "-D", str(self._folder / "data"), *words)
        self.start()

    def database(self, name: str | None = None) -> Database:
        """A database; a new one, unless it is named."""
        if name is None:
            name = f"store_{next(self._names)}"
            self.say(f"CREATE DATABASE {name}")
        return Database(USER, PASSWORD, "127.0.0.1", self.port, name, "disable")

    def url(self, database: Database) -> str:
        """What a person writes to name it."""
        secret = "pass%20word%2F%40%3A%23%25"
        return f"postgresql://{USER}:{secret}@127.0.0.1:{self.port}/{database.name}"

    def say(self, sql: str, name: str = "postgres") -> list[list[object]]:
        """Ask the server, past the store."""
        from pg8000.dbapi import connect

        line = connect(USER, "127.0.0.1", name, self.port, PASSWORD, ssl_context=False, timeout=30)
        try:
            line.autocommit = True
            cursor = line.cursor()
            cursor.execute(sql)
            return list(cursor.fetchall()) if cursor.description else []
        finally:
            line.close()

    def hang_up(self, database: Database) -> None:
        """End every connection to a database, as a failing network does."""
        self.say(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{database.name}'"
        )

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self._folder,
            "fsync": "off",
            "max_connections": 200,
        }
        words = [word for k, v in options.items() for word in ("-c", f"{k}={v}")]
        program = [str(self._bin / "postgres"), "-D", str(self._folder / "data"), *words]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["sh", "-c", _WATCHED, "sh", *program],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                start_new_session=True,
                **self._identity(),
            )
        while True:
            assert self._process.poll() is None, (self._folder / "log").read_text("utf-8")
            with suppress(Exception):
                self.say("SELECT 1")
                return
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it as an administrator does; connections end."""
        self._process.communicate(timeout=60)

    def remove(self) -> None:
        """Stop it and forget its data."""
        with suppress(subprocess.TimeoutExpired):
            self.stop()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [str(self._bin / program), *words],
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
            **self._identity(),
        )
        assert done.returncode == 0, done.stderr

    def _identity(self) -> dict[str, object]:
        who = {"user": self._user, "group": self._user, "extra_groups": []}
        clean = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}
        return {**(who if self._user else {}), "env": clean}


def server() -> Server:
    """A server, or a visible skip (a failure where one is required) that says how to get one."""
    found = shutil.which("postgres")
    folders = [*([Path(found).parent] if found else []), *reversed(_PLACES)]
    usable = [folder for folder in folders if (folder / "initdb").is_file()]
    if usable:
        return Server(usable[0])
    told = "PostgreSQL's server is not installed (on Debian and Ubuntu: apt-get install postgresql)"
    if os.environ.get("LODESTONE_REQUIRE_POSTGRES"):
        pytest.fail(f"{told}, and is required here")
    pytest.skip(f"{told}: the shared store is not tested")
