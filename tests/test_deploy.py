"""What deploy/ holds names only what there is; gunicorn and nginx run it as operators do."""

import configparser
import dataclasses
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path

import pytest
import yaml

from indexer import cli
from kb.settings import Settings
from tests.conftest import ROOT
from tests.site import children, run

pytest.importorskip("gunicorn", reason="gunicorn is missing; install the extra server")

DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file() and path.suffix != ".pyc")
UNITS = sorted((DEPLOY / "systemd").glob("*.*"))
WAIT_S = 120
TOKEN = "t0ken"  # noqa: S105 - of nobody


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_setting_that_is_named_is_one(path):
    known = {f"KB_{row.name.upper()}" for row in dataclasses.fields(Settings)}

    assert set(re.findall(r"\bKB_[A-Z_]+[A-Z]\b", path.read_text(encoding="utf-8"))) <= known


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_is_fetched_from_an_address_of_ours(path):
    text = path.read_text(encoding="utf-8")

    assert not re.findall(r"(?:image:|FROM)\s+[\w-]+\.[\w.-]+/", text)
    hosts = set(re.findall(r"https?://([\w.-]+)", text))
    assert {host for host in hosts if "." in host} <= {
        "127.0.0.1", "cases.example.org", "ombudsman.example.org",
    }  # fmt: skip


def test_the_settings_that_are_shipped_can_be_used():
    lines = (DEPLOY / "systemd" / "environment").read_text(encoding="utf-8").splitlines()
    told = dict(line.lstrip("#").split("=", 1) for line in lines if re.match(r"#?[A-Z_]+=", line))

    assert Settings.from_env(told).public_url == "https://cases.example.org"


def services():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]


@pytest.mark.parametrize("name", sorted(services()))
def test_a_container_has_no_privileges_and_limits_and_a_version(name):
    service = services()[name]

    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "mem_limit" in service
    assert "pids_limit" in service
    assert service["logging"]["options"]["max-size"]
    assert re.fullmatch(r"[a-z/]+:v?\d+(\.\d+)+", service["image"])
    assert service["read_only"] or name.startswith("search-")


def test_only_the_proxy_can_be_reached_from_outside():
    assert [name for name, service in services().items() if "ports" in service] == ["proxy"]
    assert services()["worker"]["networks"] == ["inside"]


def unit(path):
    read = configparser.RawConfigParser(strict=False)
    read.optionxform = str
    read.read_string(path.read_text(encoding="utf-8"))
    return read


@pytest.mark.parametrize("path", [p for p in UNITS if p.suffix == ".service"], ids=lambda p: p.name)
def test_a_unit_runs_a_command_that_there_is_without_privileges(path):
    service = unit(path)["Service"]

    assert service["User"] == "citypraxis"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    words = service["ExecStart"].split()
    if "indexer.py" not in words:
        assert (ROOT / words[words.index("--config") + 1]).exists()
        return
    command = words[words.index("indexer.py") + 1]
    if command not in cli.commands:
        pytest.skip(f"there is no command {command} yet, for which {path.name} is meant")
    known = {option for each in cli.commands[command].params for option in each.opts}
    assert {word for word in words if word.startswith("--")} <= known


@pytest.mark.parametrize("path", [p for p in UNITS if p.suffix == ".timer"], ids=lambda p: p.name)
def test_a_timer_has_what_it_starts(path):
    assert path.with_suffix(".service").exists()
    assert unit(path)["Timer"]["Persistent"] == "yes"


def test_systemd_takes_the_units_and_finds_them_closed(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("there is no systemd-analyze, which comes with systemd")
    for path in UNITS:
        text = path.read_text(encoding="utf-8").replace("/opt/citypraxis/.venv/bin/", "/bin/")
        (tmp_path / path.name).write_text(re.sub("(?m)^(ExecStart=).*", r"\1/bin/true", text))
    units = [str(tmp_path / p.name) for p in UNITS if p.suffix in {".service", ".timer"}]

    done = analyze("verify", *units)
    assert (done.returncode, done.stderr) == (0, "")
    for path in UNITS:
        if path.suffix == ".service":  # 10 is open; many a service of Debian has 9.6
            done = analyze("security", "--offline=true", "--threshold=40", str(path))
            assert done.returncode == 0, done.stdout


def analyze(*words):
    return subprocess.run(  # noqa: S603 - our own
        ["systemd-analyze", *words],  # noqa: S607 - wherever it is
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_prometheus_takes_its_files():
    if not shutil.which("promtool"):
        pytest.skip("there is no promtool; on Debian install it with: apt install prometheus")
    for words in (["config", "--syntax-only", "prometheus.yml"], ["rules", "alerts.yml"]):
        subprocess.run(  # noqa: S603 - our own
            ["promtool", "check", *words],  # noqa: S607 - wherever it is
            cwd=DEPLOY / "prometheus", capture_output=True, check=True,
        )  # fmt: skip


# Running it


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


@contextmanager
def started(command, log, **more):
    with log.open("w") as file, subprocess.Popen(  # noqa: S603 - our own
        command, cwd=ROOT, stdout=file, stderr=file, start_new_session=True, **more
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(WAIT_S)
            except subprocess.TimeoutExpired:
                process.kill()


def ask(port, path="/healthz", https=None, **headers):
    """Ask until somebody answers, as a proxy does; return status and text."""
    end = time.monotonic() + WAIT_S
    while True:
        asked = HTTPSConnection if https else HTTPConnection
        connection = asked("127.0.0.1", port, timeout=30, **({"context": https} if https else {}))
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
        except OSError:
            assert time.monotonic() < end, "nobody answers"
            time.sleep(0.1)
        else:
            return answer.status, answer.read().decode()
        finally:
            connection.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Serve two cases by gunicorn, with two processes; give its process and port."""
    folder, port = tmp_path_factory.mktemp("gunicorn"), free_port()
    (folder / "token").write_text(TOKEN)
    (folder / "token").chmod(0o600)
    environment = {
        **os.environ,
        "KB_DATA": str(folder / "data"),
        "KB_PORT": str(port),
        "KB_ENCODER": "off",
        "KB_LOG": "json",
        "KB_PROXY": "127.0.0.1",
        "KB_SITE_URL": "https://cases.example.org",
        "KB_METRICS_TOKEN_FILE": str(folder / "token"),
        "PROMETHEUS_MULTIPROC_DIR": str(folder / "numbers"),
        "WEB_CONCURRENCY": "2",
    }
    run(environment, "status")
    command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "--config"]
    with started([*command, "deploy/gunicorn.conf.py"], folder / "log", env=environment) as process:
        ask(port)
        yield process, port, folder
        workers = children(process.pid)
        process.terminate()
        assert process.wait(WAIT_S) == 0
        assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]
        assert not list(folder.glob("numbers/*.db"))


def until(true):
    end = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < end, "it does not become so"
        time.sleep(0.1)


def answered(port) -> float:
    """Return how many times all processes together say that they answered /about."""
    status, told = ask(port, "/metrics", Authorization=f"Bearer {TOKEN}")
    assert status == 200
    found = re.search(r'requests_total\{method="GET",route="/about",status="2xx"\} (\S+)', told)
    return float(found[1]) if found else 0.0


def test_a_process_that_is_killed_comes_back_and_its_numbers_stay(site):
    process, port, folder = site
    before = answered(port)
    for _ in range(4):
        assert ask(port, "/about")[0] == 200
    workers = children(process.pid)

    subprocess.run(["kill", "-9", *map(str, workers)], check=True)  # noqa: S603, S607 - ours
    until(lambda: len(set(children(process.pid)) - set(workers)) == 2)

    assert ask(port)[0] == 200
    until(lambda: answered(port) == before + 4)
    old = [path.name for path in (folder / "numbers").iterdir() if str(workers[0]) in path.name]
    assert old == []


def test_hanging_up_renews_every_process_while_it_answers(site):
    process, port, _ = site
    workers = children(process.pid)

    process.send_signal(signal.SIGHUP)
    until(lambda: not set(children(process.pid)) & set(workers))

    assert ask(port)[0] == 200


def test_its_log_is_lines_of_json_without_what_was_asked(site):
    _, port, folder = site
    ask(port, "/search?q=quackenbushel", Referer="quackenbushel")
    ask(port, "/quackenbushel")

    lines = (folder / "log").read_text().splitlines()
    assert all(json.loads(line)["process"] == "web" for line in lines)
    assert "quackenbushel" not in "".join(lines)


def test_nginx_before_it_says_who_asks_and_keeps_the_numbers_to_itself(site, tmp_path):
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if not (nginx and shutil.which("openssl")):
        pytest.skip("there is no nginx; on Debian install it with: apt install nginx-light openssl")
    _, behind, _ = site
    plain, port = free_port(), free_port()
    subprocess.run(  # noqa: S603 - our own
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",  # noqa: S607
         "/CN=cases.example.org", "-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "pem")],
        capture_output=True, check=True,
    )  # fmt: skip
    told = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    for here, there in (
        ("listen 80", f"listen 127.0.0.1:{plain}"), ("listen 443", f"listen 127.0.0.1:{port}"),
        ("server 127.0.0.1:8000", f"server 127.0.0.1:{behind}"),
        ("/etc/ssl/citypraxis/fullchain.pem", str(tmp_path / "pem")),
        ("/etc/ssl/private/citypraxis.pem", str(tmp_path / "key")),
        ("/var/log/nginx/citypraxis.log", str(tmp_path / "errors")),
    ):  # fmt: skip
        assert here in told
        told = told.replace(here, there)
    (tmp_path / "site.conf").write_text(told)
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; pid {tmp_path}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; client_body_temp_path {tmp_path}/in; "
        f"proxy_temp_path {tmp_path}/out; include {tmp_path}/site.conf; }}\n"
    )
    trusting = ssl.create_default_context(cafile=str(tmp_path / "pem"))
    trusting.check_hostname = False
    command = [nginx, "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path)]
    with started(command, tmp_path / "log"):
        assert named(port, "/about", trusting)[0] == 200
        assert named(port, "/metrics", trusting)[0] == 404
        left = [named(port, "/api/v1/", trusting, claimed=f"192.0.2.{n}")[1] for n in range(3)]
        long = named(port, "/search?q=" + "x" * 9_000, trusting)[0]

    # Two processes count, each for itself: one of them has counted twice at least.
    assert min(int(re.search(r"r=(\d+)", each)[1]) for each in left) <= 598
    assert long == 414


def named(port, path, trusting, claimed="192.0.2.1"):
    """Ask by the name of the site; return status and what is left to ask."""
    end = time.monotonic() + WAIT_S
    while True:
        connection = HTTPSConnection("127.0.0.1", port, timeout=30, context=trusting)
        try:
            plain = socket.create_connection(("127.0.0.1", port), 30)
            connection.sock = trusting.wrap_socket(plain, server_hostname="cases.example.org")
            heads = {"Host": "cases.example.org", "X-Forwarded-For": claimed}
            connection.request("GET", path, headers=heads)
            answer = connection.getresponse()
            answer.read()
        except ConnectionRefusedError:
            assert time.monotonic() < end, "nginx does not answer"
            time.sleep(0.1)
        else:
            return answer.status, answer.headers.get("RateLimit", "")
        finally:
            connection.close()
