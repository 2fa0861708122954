"""Refuses every connection to another computer, and writes down who tried.

Python imports this when it starts, in the tests and in every Python that they start, because
`tests/conftest.py` puts its folder on PYTHONPATH. A refused connection may be passed over by the
program that wanted it; what is written down fails the test all the same. It does not reach
programs that are no Python: `.ci/alone` takes the network from those too.
"""

import ipaddress
import os
import sys

FILE = "CITYPRAXIS_CALLS_OUT"
"""Names the file in which attempts are written down."""

_CALLS = ("socket.connect", "socket.sendto", "socket.sendmsg")
_BY_ADDRESS = "socket.gethostbyaddr"
_LOOKUPS = ("socket.getaddrinfo", "socket.gethostbyname", _BY_ADDRESS)
_HERE = frozenset({"", "localhost", "ip6-localhost", os.uname().nodename})


def watch(event: str, args: tuple) -> None:
    if event in _CALLS:
        address = args[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event in _LOOKUPS and not (event != _BY_ADDRESS and _is_number(args[0])):
        host = args[0]
    else:
        return
    if host is not None and not _is_here(host):
        _write_down(event, host)
        raise PermissionError(f"{event}: {host!r} is another computer; tests stay on this one")


def _is_here(host: object) -> bool:
    if _name(host) in _HERE:
        return True
    try:
        address = ipaddress.ip_address(_name(host))
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _is_number(host: object) -> bool:
    """Tell whether a host is an address already, which nobody has to be asked for."""
    try:
        ipaddress.ip_address(_name(host))
    except ValueError:
        return False
    return True


def _name(host: object) -> str:
    told = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
    return told.partition("%")[0]


def _write_down(event: str, host: object) -> None:
    line = f"{os.getpid()} {' '.join(sys.argv[:3])}: {event} {host!r}\n"
    with open(os.environ[FILE], "a", encoding="utf-8") as file:  # noqa: PTH123 - nothing imported
        file.write(line)


if os.environ.get(FILE):
    sys.addaudithook(watch)
