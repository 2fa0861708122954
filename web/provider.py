"""An OpenID Connect provider, asked by the authorization code flow with PKCE (RFC 7636).

Nothing else in the site asks another server, and this asks only the one in the settings.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from kb import secret
from kb.errors import KbError, SettingError
from kb.settings import Settings

_WAIT_S = 10
_LEEWAY_S = 60
_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""Signatures that only the provider can make; HS256 and none are no proof."""


class ProviderError(KbError):
    """Raised when a provider does not answer, or answers what cannot be trusted."""


@dataclass(frozen=True, slots=True)
class Round:
    """What belongs to one attempt to sign in, and to no other."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider as the settings name it."""

    issuer: str
    client: str
    secret: str = field(repr=False)

    def address(self, attempt: Round) -> str:
        """Return where to send someone who wants to sign in.

        Raises:
            ProviderError: the provider does not say.
        """
        with _trusting_nothing():
            endpoint = self._endpoint(self._metadata(), "authorization_endpoint")
            url, _ = self._session(attempt).create_authorization_url(
                endpoint, state=attempt.state, nonce=attempt.nonce, code_verifier=attempt.verifier
            )
        return str(url)

    def claims(self, attempt: Round, code: str) -> Mapping[str, Any]:
        """Return what the provider says of the person who came back with ``code``.

        Raises:
            ProviderError: it does not say, or not to us, or not about this attempt.
        """
        with _trusting_nothing():
            metadata = self._metadata()
            session = self._session(attempt)
            token = session.fetch_token(
                self._endpoint(metadata, "token_endpoint"),
                grant_type="authorization_code",
                code=code,
                code_verifier=attempt.verifier,
                timeout=_WAIT_S,
            )
            keys = self._get(self._endpoint(metadata, "jwks_uri"))
            return self._checked(token, keys, attempt.nonce)

    def _checked(self, token: Mapping[str, Any], keys: Any, nonce: str) -> Mapping[str, Any]:
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.jwk import KeySet

        decoded = jwt.decode(
            token["id_token"], KeySet.import_key_set(keys), algorithms=list(_ALGORITHMS)
        )
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {
                "iss": {"essential": True, "values": [self.issuer]},
                "aud": {"essential": True, "value": self.client},
                "nonce": {"essential": True, "value": nonce},
            },
            {
                "nonce": nonce,
                "client_id": self.client,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(leeway=_LEEWAY_S)
        return dict(claims)

    def _session(self, attempt: Round) -> Any:
        from authlib.integrations.requests_client import OAuth2Session

        return OAuth2Session(
            self.client,
            self.secret,
            scope="openid email profile",
            redirect_uri=attempt.redirect_uri,
            code_challenge_method="S256",
        )

    def _metadata(self) -> Mapping[str, Any]:
        found = self._get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if not isinstance(found, dict) or found["issuer"] != self.issuer:
            raise ProviderError("the provider gives another name than KB_OIDC_ISSUER; compare them")
        return found

    def _endpoint(self, metadata: Mapping[str, Any], name: str) -> str:
        url = str(metadata[name])
        if urlsplit(url).scheme not in {"https", urlsplit(self.issuer).scheme}:
            raise ProviderError(f"the provider's {name} is not encrypted")
        return url

    def _get(self, url: str) -> Any:
        import requests

        answer = requests.get(url, timeout=_WAIT_S, allow_redirects=False)
        answer.raise_for_status()
        return answer.json()


def provider(settings: Settings) -> Provider | None:
    """Return the provider that the settings name, None where they name none.

    Raises:
        ProviderError: its secret cannot be used, or the extra ``oidc`` is not installed.
    """
    if not settings.oidc_issuer or settings.oidc_secret_file is None:
        return None
    try:
        kept = secret.read(settings.oidc_secret_file)
    except SettingError as err:
        raise ProviderError(f"KB_OIDC_SECRET_FILE cannot be used: {err}") from err
    return Provider(settings.oidc_issuer, settings.oidc_client, kept)


class _trusting_nothing:  # noqa: N801 - read as a phrase: with _trusting_nothing()
    """Turns whatever goes wrong with a provider into one error: what it sends is not ours."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, err: BaseException | None, trace: object) -> None:
        """Translate."""
        if isinstance(err, ProviderError) or not isinstance(err, Exception):
            return
        raise ProviderError(f"signing in elsewhere failed: {type(err).__name__}: {err}") from err
