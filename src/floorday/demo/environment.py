"""The settings of the demo: its own database and mail, on this machine alone, whatever the installation's are."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from floorday import config
from floorday.demo import cast

if TYPE_CHECKING:
    from collections.abc import MutableMapping

PORT = 8000


def enter(env: MutableMapping[str, str], *, port: int = PORT) -> None:
    """Put the demo's settings in place of all others, before the first one is read."""
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
        "port": str(port),
        "base_url": f"http://127.0.0.1:{port}",
        "lmtp_listen": f"127.0.0.1:{free_port()}",
        "log_level": "warning",
    }
    env.update({config.PREFIX + name.upper(): value for name, value in chosen.items()})


def free_port() -> int:
    """Find a port for replies that nobody uses: only the demo's own mailbox has to know it."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        return held.getsockname()[1]
