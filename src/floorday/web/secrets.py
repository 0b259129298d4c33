"""What a browser carries for us: signed, so that it can be kept but not written."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Any, Literal

from litestar.datastructures import Cookie

from floorday.config import settings


def mac(purpose: str, said: str) -> str:
    """Authenticate words for one purpose, in url-safe letters."""
    made = hmac.new(settings().secret_key.encode(), f"web|{purpose}|{said}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def seal(purpose: str, words: bytes) -> str:
    """Sign words so that they fit into a cookie."""
    said = base64.urlsafe_b64encode(words).decode().rstrip("=")
    return f"{said}.{mac(purpose, said)}"


def unseal(purpose: str, sealed: str) -> bytes | None:
    """Return the words if we signed them for this purpose."""
    said, _, signature = sealed.partition(".")
    if not same(signature, mac(purpose, said)):
        return None
    return base64.urlsafe_b64decode(said + "=" * (-len(said) % 4))


def same(one: str, other: str) -> bool:
    """Compare without telling by the time taken where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def fresh() -> str:
    """Make 256 random bits."""
    return secrets.token_urlsafe(32)


def https() -> bool:
    """Say whether people reach us over https."""
    return settings().base_url.startswith("https://")


def cookie_name(name: str) -> str:
    """Name a cookie; behind https the browser itself then refuses one that a neighbour host has set."""
    return f"__Host-{name}" if https() else name


def cookie(name: str, value: str, *, max_age: int | None, samesite: Literal["lax", "strict"] = "lax") -> Cookie:
    """Make a cookie that scripts cannot read; `max_age=0` takes it back, None ends with the browser."""
    made: dict[str, Any] = {"httponly": True, "secure": https(), "samesite": samesite, "path": "/"}
    return Cookie(key=cookie_name(name), value=value, max_age=max_age, **made)
