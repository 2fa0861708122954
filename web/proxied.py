"""Who asks, where proxies stand before the site: only they are believed, and they are counted."""

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from kb.settings import Network, Settings


class Proxied:
    """Takes the address of whoever asks from ``X-Forwarded-For``, if a proxy of ours has sent it.

    Each proxy appends the address that it sees, so that with n of them the n-th from the right is
    true, and what stands before it is what somebody claims. Nothing else is taken from them: host
    and scheme of the site stand in ``KB_SITE_URL``.
    """

    def __init__(self, app: "WSGIApplication", settings: "Settings") -> None:
        self._plain = app
        self._behind = ProxyFix(app, x_for=settings.proxies, x_proto=0, x_host=0)
        self._trusted = settings.proxy

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request."""
        ours = is_within(environ.get("REMOTE_ADDR", ""), self._trusted)
        return (self._behind if ours else self._plain)(environ, start_response)


def is_within(address: str, networks: "Iterable[Network]") -> bool:
    """Tell whether an address, which may be of a socket without one, lies in a network."""
    try:
        read = ip_address(address)
    except ValueError:
        return False
    if isinstance(read, IPv6Address) and read.ipv4_mapped:
        read = read.ipv4_mapped  # as where a server listens on both
    return any(read in network for network in networks)
