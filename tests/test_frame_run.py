"""The commands that stay: they start, answer, take mail, and end when told to."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOON = 30


def settings(cwd: Path, **given: str) -> dict[str, str]:
    """An environment with these settings alone, on ports of its own."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("FLOORDAY_")}
    port = unused()
    ours = {"port": str(port), "base_url": f"http://127.0.0.1:{port}", "lmtp_listen": f"127.0.0.1:{unused()}"} | given
    return env | {f"FLOORDAY_{key.upper()}": value for key, value in ours.items()}


def unused() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


@contextmanager
def running(*words: str, cwd: Path, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Start a command, and see that it ends by itself when told to."""
    with (cwd / f"{words[0]}.log").open("w") as log:
        command = [sys.executable, "-m", "floorday", *words]
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=log, stderr=subprocess.STDOUT, text=True)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(SOON)
            except subprocess.TimeoutExpired:
                process.kill()
                pytest.fail(f"floorday {words[0]} did not end when told to.")


def wait_for(env: dict[str, str], path: str = "/health/ready") -> None:
    """Wait until the server answers."""
    until = time.monotonic() + SOON
    while True:
        try:
            assert httpx.get(env["FLOORDAY_BASE_URL"] + path).status_code == 200
            return
        except httpx.HTTPError:
            assert time.monotonic() < until
            time.sleep(0.1)


def heard(address: str) -> str:
    """What a server says first."""
    host, _, port = address.rpartition(":")
    until = time.monotonic() + SOON
    while True:
        try:
            with socket.create_connection((host, int(port)), timeout=5) as connection:
                return connection.recv(200).decode()
        except ConnectionError:
            assert time.monotonic() < until
            time.sleep(0.1)


def test_one_command_serves_pages_and_takes_mail(tmp_path: Path):
    env = settings(tmp_path)
    with running("run", cwd=tmp_path, env=env):
        wait_for(env)
        assert "<html" in httpx.get(env["FLOORDAY_BASE_URL"] + "/sign-in").text
        assert heard(env["FLOORDAY_LMTP_LISTEN"]).startswith("220 ")


def test_several_processes_and_a_worker_share_the_work(tmp_path: Path):
    env = settings(tmp_path)
    with (
        running("worker", cwd=tmp_path, env=env),
        running("serve", "--processes", "2", cwd=tmp_path, env=env),
    ):
        wait_for(env)
        assert heard(env["FLOORDAY_LMTP_LISTEN"]).startswith("220 ")
        with httpx.Client(base_url=env["FLOORDAY_BASE_URL"]) as client:
            assert {client.get("/health/live").status_code for _ in range(20)} == {200}


def test_the_link_printed_in_the_terminal_signs_in_when_its_button_is_pressed(tmp_path: Path):
    env = settings(tmp_path, lmtp_listen="")
    command = [sys.executable, "-m", "floorday", "login", "ann@ours.test", "--name", "Ann Archer"]
    said = subprocess.run(command, cwd=tmp_path, env=env, check=True, capture_output=True, text=True).stdout
    link = said.splitlines()[-1]
    with running("serve", cwd=tmp_path, env=env):
        wait_for(env)
        with httpx.Client(follow_redirects=True) as browser:
            page = browser.get(link)
            assert "Ann Archer" not in browser.get(env["FLOORDAY_BASE_URL"] + "/").text
            hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', browser.get(link).text)
            assert hidden, page.text
            signed_in = browser.post(link, data=dict(hidden), headers={"Origin": env["FLOORDAY_BASE_URL"]})
            assert signed_in.status_code == 200
            assert "Ann Archer" in signed_in.text
