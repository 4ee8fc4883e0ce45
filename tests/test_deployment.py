"""The container files held true, as far as that goes without an engine: names, paths, versions, queues, addresses."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands
from django.urls import resolve

from config.celery import MONEY, app

ROOT = Path(settings.BASE_DIR)
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = sorted(name for name, service in SERVICES.items() if service["image"] == "gongduan")
LONG_RUNNING = sorted(name for name, service in SERVICES.items() if "healthcheck" in service)
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SETTINGS = (ROOT / "config/settings.py").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SERVING = (ROOT / "gunicorn.conf.py").read_text()
READ = {f"GONGDUAN_{name}" for name in re.findall(r'(?:env|flag)\("(\w+)"', SETTINGS)} | {
    *re.findall(r'environ\.get\("(\w+)"', SERVING)
}


def words(name: str) -> list[str]:
    """A service's command, the Dockerfile's where it has none of its own."""
    own = SERVICES[name].get("command")
    return own or re.findall(r'"([^"]+)"', DOCKERFILE.rpartition("CMD [")[2])


def test_services_are_web_worker_scheduler_and_what_they_need() -> None:
    assert OURS == ["media", "migrate", "money", "scheduler", "web", "worker"]
    assert LONG_RUNNING == ["media", "money", "postgres", "scheduler", "store", "valkey", "web", "worker"]


@pytest.mark.parametrize("service", OURS)
def test_every_variable_is_one_that_the_settings_read(service: str) -> None:
    for name in SERVICES[service]["environment"]:
        assert name in READ or f"GONGDUAN_{name}" in READ or name in {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}, (
            name
        )


def test_no_secret_stands_in_a_file() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("KEY$|PASSWORD|SECRET", name):
                assert value.startswith("${"), name
            assert "GONGDUAN_DEMO" not in name
            assert "GONGDUAN_DEBUG" not in name


@pytest.mark.parametrize("service", OURS)
def test_every_command_exists(service: str) -> None:
    program, *rest = words(service)
    if program == "python":
        assert (ROOT / rest[0]).exists()
        assert rest[1] in get_commands()
    elif program == "gunicorn":
        assert rest[0] == settings.WSGI_APPLICATION.removesuffix(".application")
    else:
        assert program == "celery"
        assert rest[0] == "--app=config"
        assert rest[1] in app_commands()


def app_commands() -> set[str]:
    from celery.bin.celery import celery

    return set(celery.commands)


def test_workers_take_from_every_queue_that_is_rung() -> None:
    taken = {name: re.findall(r"--queues=(\S+)", shlex.join(words(name))) for name in ("worker", "media", "money")}
    queues = {
        "worker": settings.CELERY_TASK_DEFAULT_QUEUE,
        "media": settings.MEDIA_QUEUE,
        "money": settings.MONEY_QUEUE,
    }
    assert taken == {name: [queue] for name, queue in queues.items()}
    assert {queue.name for queue in settings.CELERY_TASK_QUEUES} == set(queues.values())
    for folder in ("docker-compose.yml", "dev.py", "docs/operations.md"):
        assert {f"--queues={queue}" in (ROOT / folder).read_text() for queue in queues.values()} == {True}, folder
    routes = {entry["task"]: route_of(entry["task"]) for entry in app.conf.beat_schedule.values()}
    assert {task for task, queue in routes.items() if queue != settings.CELERY_TASK_DEFAULT_QUEUE} == {MONEY}
    assert sum("celery" in words(name) and "beat" in words(name) for name in OURS) == 1


def route_of(task: str) -> str:
    queue: str = app.amqp.router.route({}, task)["queue"].name
    return queue


def test_every_rung_task_is_named_where_its_module_says() -> None:
    for entry in app.conf.beat_schedule.values():
        assert entry["options"]["expires"] < entry["schedule"]


def test_copied_paths_exist_and_reach_the_build() -> None:
    copied = [source for line in re.findall(r"^COPY (.+)$", DOCKERFILE, re.M) for source in line.split()[:-1]]
    allowed = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.M)
    assert sorted(copied) == sorted(allowed)
    assert [source for source in copied if not (ROOT / source).exists()] == []


def test_every_room_is_copied_and_stands_under_the_import_contracts() -> None:
    rooms = {name.partition(".")[0] for name in settings.INSTALLED_APPS if (ROOT / name.partition(".")[0]).is_dir()}
    copied = set(re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.M))
    assert rooms | {"config", "locale", "static", "templates"} == copied
    assert rooms | {"config"} == set(PROJECT["tool"]["importlinter"]["root_packages"])


def test_one_python_version_everywhere() -> None:
    image = re.findall(r"^FROM python:(\S+?)-slim$", DOCKERFILE, re.M)[0]
    assert PROJECT["project"]["requires-python"] == f">={image}"
    assert PROJECT["tool"]["mypy"]["python_version"] == image
    assert PROJECT["tool"]["ruff"]["target-version"] == f"py{image.replace('.', '')}"
    for name in ("requirements.txt", "requirements-dev.txt"):
        assert f"--python-version {image} " in (ROOT / name).read_text()


def test_pins_for_running_and_for_testing_agree() -> None:
    running, testing = (
        {line for line in (ROOT / name).read_text().splitlines() if not line.startswith("#")}
        for name in ("requirements.txt", "requirements-dev.txt")
    )
    assert running <= testing


@pytest.mark.parametrize("service", LONG_RUNNING)
def test_healthchecks_ask_addresses_that_exist(service: str) -> None:
    check = " ".join(SERVICES[service]["healthcheck"]["test"][1:])
    for url in re.findall(r"http://[^'\s]+", check):
        assert resolve(urlsplit(url).path).url_name == "healthz"
        assert f":{urlsplit(url).port}" in DOCKERFILE.rpartition("--bind=")[2]
        assert urlsplit(url).hostname in SERVICES["web"]["environment"]["GONGDUAN_ALLOWED_HOSTS"]


def test_addresses_of_other_services_name_services() -> None:
    environment = SERVICES["web"]["environment"]
    storage = urlsplit(environment["STORAGE_URL"])
    hosts = {
        database("web").hostname,
        urlsplit(environment["REDIS_URL"]).hostname,
        urlsplit(environment["GONGDUAN_BROKER_URL"]).hostname,
        urlsplit(parse_qs(storage.query)["endpoint"][0]).hostname,
    }
    assert hosts == {"postgres", "valkey", "store"}
    assert f"store/{storage.netloc}" in SERVICES["bucket"]["command"][0]


def database(service: str) -> SplitResult:
    return urlsplit(re.sub(r"\$\{(\w+):\?[^}]+\}", r"\1", SERVICES[service]["environment"]["DATABASE_URL"]))


def test_who_serves_people_has_a_role_of_its_own_and_not_the_tables_owners_password() -> None:
    made = (ROOT / "docker/application-role.sh").read_text()
    postgres = SERVICES["postgres"]
    assert "./docker/application-role.sh:/docker-entrypoint-initdb.d/application-role.sh:ro" in postgres["volumes"]
    assert set(re.findall(r"\$([A-Z_]+)", made)) <= set(postgres["environment"])
    for service in OURS:
        role = (postgres["environment"]["POSTGRES_USER"], "POSTGRES_PASSWORD")
        if service != "migrate":
            role = (re.findall(r"CREATE ROLE (\w+) LOGIN", made)[0], "APPLICATION_PASSWORD")
            assert "POSTGRES_PASSWORD" not in str(SERVICES[service]["environment"])
        assert (database(service).username, database(service).password) == role


FIXED = {
    *("DEBUG", "DEMO", "DEMO_SECOND_FACTOR"),  # never where real people dispute
    *("CELERY_QUEUE", "MEDIA_QUEUE", "MONEY_QUEUE"),  # the commands name them
    "VAR_DIR",  # the image's
}


def test_every_variable_that_is_documented_can_be_set() -> None:
    given = {name.removeprefix("GONGDUAN_"): value for name, value in SERVICES["web"]["environment"].items()}
    wanted = {name.removeprefix("GONGDUAN_") for name in READ} - FIXED
    assert sorted(wanted - set(given)) == []
    ours = {"DATABASE_URL", "REDIS_URL", "BROKER_URL", "PARTIAL_DIR", "STORAGE_URL", "HEADS_URL"}
    assert [name for name in sorted(wanted - ours) if not given[name].startswith(f"${{GONGDUAN_{name}:")] == []


@pytest.mark.parametrize("service", ["worker", "media", "money"])
def test_a_worker_gets_longer_to_stop_than_a_task_may_take(service: str) -> None:
    assert int(SERVICES[service]["stop_grace_period"].removesuffix("s")) > settings.CELERY_TASK_TIME_LIMIT


HTTP = {"GONGDUAN_REFUND_GATEWAY": "http", "GONGDUAN_REFUND_GATEWAY_URL": "https://pay.example"}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"GONGDUAN_REFUND_GATEWAY": "carrier pigeon"}, "GONGDUAN_REFUND_GATEWAY is one of: embedded, http."),
        ({"GONGDUAN_REFUND_GATEWAY": "http", "GONGDUAN_REFUND_GATEWAY_SECRET": "x"}, "GONGDUAN_REFUND_GATEWAY_URL"),
        (HTTP, "GONGDUAN_REFUND_GATEWAY_SECRET"),
        ({**HTTP, "GONGDUAN_REFUND_GATEWAY_SECRET": "x"}, ""),
    ],
)
def test_nothing_starts_that_could_not_pay(given: dict[str, str], why: str) -> None:
    command = [sys.executable, "manage.py", "help", "--commands"]
    started = subprocess.run(
        command, env={**os.environ, **given}, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (started.returncode == 0, why in started.stderr) == (not why, True)


def test_operations_page_lists_every_variable_and_no_other() -> None:
    page = (ROOT / "docs/operations.md").read_text()
    listed = set(re.findall(r"^\| `(?:GONGDUAN_)?([A-Z_]+)`", page, re.M))
    assert listed == {name.removeprefix("GONGDUAN_") for name in READ} | {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
