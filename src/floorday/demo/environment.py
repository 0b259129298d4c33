"""The settings of the demo: its own database and mail, on this machine alone, whatever the installation's are."""

from __future__ import annotations

import os
import socket
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from floorday import config
from floorday.demo import cast

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

PORT = 8000


def enter(env: MutableMapping[str, str], *, port: int = PORT) -> None:
    """Put the demo's settings in place of all others but the clock, before the first one is read."""
    clock = _clock(env)
    for key in [key for key in env if key.startswith(config.PREFIX)]:
        del env[key]
    env[config.WHERE] = os.devnull
    chosen = {
        "demo": "true",
        "database": "sqlite:///var/demo.sqlite",
        "company": cast.COMPANY,
        "zone": cast.LONDON,
        "mail_from": f"floorday@{cast.DOMAIN}",
        "mail_folder": "var/demo-letters",
        "sent_folder": "var/demo-sent",
        "port": str(port),
        "base_url": f"http://127.0.0.1:{port}",
        "lmtp_listen": f"127.0.0.1:{free_port()}",
        "log_level": "warning",
        **({"clock": clock} if clock else {}),
    }
    env.update({config.PREFIX + name.upper(): value for name, value in chosen.items()})


def _clock(env: Mapping[str, str]) -> str:
    """Find the one setting that holds for the demo too."""
    if told := env.get(f"{config.PREFIX}CLOCK", ""):
        return told
    file = Path(env.get(config.WHERE) or "floorday.toml")
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8")).get("clock", "")
    except (OSError, ValueError):  # whatever else is wrong with it is none of the demo's business
        return ""
    return found if isinstance(found, str) else str(found)


def free_port() -> int:
    """Find a port for replies that nobody uses: only the demo's own mailbox has to know it."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        return held.getsockname()[1]
