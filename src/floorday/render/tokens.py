"""Tokens that a letter carries, and their links.

A token is made again from the server's key whenever a letter is rendered, so it is stored nowhere in
clear; a new generation makes a new token and so revokes the old one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from uuid import UUID

SHOWN = 32
"""Characters of a token: 160 bits in base32, so that an address or a person's eye can carry it in any case."""

HIDDEN = "…"

IN_ADDRESS = re.compile(rf"(?<=[/+])[a-z2-7]{{{SHOWN}}}(?![a-z2-7])", re.IGNORECASE)
"""A token as it stands in a link or in an address that replies come to."""


def make(purpose: str, about: UUID, *, generation: int = 0, key: str | None = None) -> str:
    """Make the token of one purpose about one thing, in lower-case base32."""
    said = f"{purpose}|{about}|{generation}".encode()
    mac = hmac.new((key or _secret_key()).encode(), said, hashlib.sha256).digest()
    return base64.b32encode(mac).decode().lower()[:SHOWN]


def digits(purpose: str, about: UUID) -> str:
    """Make the six digits that a person types, of one purpose about one thing; they are stored nowhere in clear."""
    return f"{int.from_bytes(base64.b32decode(make(purpose, about).upper())) % 1_000_000:06d}"


def digest(token: str) -> str:
    """Hash a token as it came back; mail systems change its case, so case does not count."""
    return hashlib.sha256(token.strip().lower().encode("utf-8", "replace")).hexdigest()


def mask_tokens(words: str) -> str:
    """Hide the tokens in what is written to a log, or shown to anybody but its reader."""
    return IN_ADDRESS.sub(HIDDEN, words)


def link(path: str) -> str:
    """Turn a path of ours into an address for a letter."""
    from floorday.config import settings  # the settings are read when a letter needs them, not at import

    return settings().base_url.rstrip("/") + "/" + path.lstrip("/")


def _secret_key() -> str:
    from floorday.config import settings

    return settings().secret_key
