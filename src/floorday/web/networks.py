"""Which network a request comes from, for what is counted by network: sign-in, public pages."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Any

from litestar import Request


def network_of(request: Request[Any, Any, Any]) -> str:
    """Name the network that a request comes from, to count by.

    Whoever has one address of IPv6 has all 2^64 beside it, so a /64 counts as one. Forwarded headers are for the server
    alone, which believes its own proxy; what is no address is one network, too.
    """
    return network_at(request.client.host) if request.client else ""


def network_at(host: str) -> str:
    """Do the same for an address as a socket gives it."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return ""
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or IPv6Network((int(address), 64), strict=False))
