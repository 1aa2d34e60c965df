"""Where a visitor comes from."""

from __future__ import annotations

import ipaddress

from starlette.types import Scope


def address_of(scope: Scope) -> str:
    """The client's address, as `network_of` has it."""
    return network_of((scope.get("client") or ("unknown", 0))[0])


def network_of(host: str) -> str:
    """An address; of IPv6 the network, since whoever has one address of it has all."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address) and not address.is_loopback:
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def is_loopback(address: str) -> bool:
    """Whether it is this machine itself, maybe a proxy on it that does not say whom it asks for."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
