"""Signing in elsewhere, with a real provider on this computer: honest, and in every way not."""

import base64
import hashlib
import threading
import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask, jsonify, redirect, request
from werkzeug.serving import make_server

from kb.settings import Settings
from web import create_app

requests = pytest.importorskip("requests", reason="install the extra oidc")
pytest.importorskip("authlib", reason="install the extra oidc")

CLIENT, SECRET = "citypraxis", "known to two"


class Provider:
    """Signs in whoever ``claims`` says, without asking; tests change what it says and does."""

    def __init__(self) -> None:
        from joserfc.jwk import RSAKey

        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.signing = self.key
        self.alg = "RS256"
        self.claims = {"email": "anna@city.example", "email_verified": True, "name": "Anna Nowak"}
        self.metadata: dict[str, str] = {}
        self.asked: dict[str, str] = {}
        self.app = Flask("provider")
        self.app.add_url_rule("/.well-known/openid-configuration", view_func=self.configuration)
        self.app.add_url_rule("/authorize", view_func=self.authorize)
        self.app.add_url_rule("/token", view_func=self.token, methods=["POST"])
        self.app.add_url_rule("/jwks", view_func=self.jwks)

    def configuration(self):
        paths = {"authorization_endpoint": "authorize", "token_endpoint": "token",
                 "jwks_uri": "jwks"}  # fmt: skip
        found = {name: f"{self.issuer}/{path}" for name, path in paths.items()}
        return jsonify({"issuer": self.issuer} | found | self.metadata)

    def authorize(self):
        self.asked = dict(request.args)
        assert self.asked["code_challenge_method"] == "S256"
        return redirect(f"{self.asked['redirect_uri']}?code=c0de&state={self.asked['state']}")

    def token(self):
        from joserfc import jwt

        digest = hashlib.sha256(request.form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        known = request.authorization.username, request.authorization.password
        good = request.form["code"] == "c0de"
        if not good or challenge != self.asked["code_challenge"] or known != (CLIENT, SECRET):
            return jsonify(error="invalid_grant"), 400
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 60,
                  "nonce": self.asked["nonce"], **self.claims}  # fmt: skip
        header = {"alg": self.alg, "kid": "one"}
        signed = jwt.encode(header, claims, self.signing, algorithms=[self.alg])
        return jsonify({"access_token": "a", "token_type": "Bearer", "id_token": signed})

    def jwks(self):
        return jsonify(keys=[self.key.as_dict(private=False)])


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    provider = Provider()
    server = make_server("127.0.0.1", 0, provider.app, threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield provider
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def provider(running) -> Provider:
    running.claims = {"email": "Anna@city.example", "email_verified": True, "name": "Anna Nowak"}
    running.metadata, running.signing, running.alg = {}, running.key, "RS256"
    return running


@pytest.fixture
def site_with(library, provider, tmp_path):
    (tmp_path / "secret").write_text(f"{SECRET}\n", encoding="utf-8")
    (tmp_path / "secret").chmod(0o600)

    def build(**more):
        settings = Settings(
            oidc_issuer=provider.issuer,
            oidc_client=CLIENT,
            oidc_secret_file=tmp_path / "secret",
            site_url="http://localhost",
            **more,
        )
        return create_app(library, settings)

    return build


@pytest.fixture
def client(site_with):
    return site_with().test_client()


def go_there(client, path="/sign-in/oidc"):
    """Follow the way to the provider; return the address to which it sends back."""
    there = client.get(path).headers["Location"]
    back = requests.get(there, allow_redirects=False, timeout=10).headers["Location"]
    return "?".join(urlsplit(back)[2:4])


def test_who_is_invited_comes_in(client, library, provider, read):
    library.accounts.invite("anna@city.example", "moderator")
    assert (
        read(client.get("/sign-in?next=/about")).link(
            "Sign in with the account of your organisation"
        )
        == "/sign-in/oidc?next=/about"
    )

    answer = client.get(go_there(client, "/sign-in/oidc?next=/about"))

    assert answer.headers["Location"] == "/about"
    assert "anna@city.example, moderator" in client.get("/account").text
    assert provider.asked["scope"] == "openid email profile"
    assert library.accounts.by_email("anna@city.example").state == "active"


def test_the_provider_is_sent_to_no_other_site(client):
    there = client.get("/sign-in/oidc?next=//evil.example").headers["Location"]

    assert parse_qs(urlsplit(there).query)["redirect_uri"] == [
        "http://localhost/sign-in/oidc/callback"
    ]
    assert "evil" not in there


def refused(client, address):
    answer = client.get(address)
    assert answer.status_code == 422
    assert client.get("/account").status_code == 303
    return answer.text


def test_who_is_not_invited_stays_outside(client, library):
    assert "ask to be invited" in refused(client, go_there(client))
    assert library.accounts.by_email("anna@city.example") is None


def test_who_was_closed_stays_outside(client, library):
    person = library.accounts.create("anna@city.example", "contributor")
    library.accounts.close(person.id)

    refused(client, go_there(client))


def test_everyone_comes_in_where_the_operator_says_so(site_with, library):
    client = site_with(oidc_role="contributor").test_client()
    client.get(go_there(client))

    person = library.accounts.by_email("anna@city.example")
    assert (person.role, person.name) == ("contributor", "Anna Nowak")


NOBODY = [{"email_verified": False}, {"email_verified": "true"}, {"email": None}, {"email": ["a"]}]
FORGED = [{"nonce": "another"}, {"aud": "another"}, {"iss": "https://evil.example"}, {"exp": 1}]


@pytest.mark.parametrize("claims", [*NOBODY, *FORGED], ids=str)
def test_what_proves_nothing_lets_nobody_in(client, library, provider, claims):
    library.accounts.invite("anna@city.example", "moderator")
    provider.claims |= claims

    refused(client, go_there(client))


def test_a_signature_of_another_lets_nobody_in(client, library, provider):
    from joserfc.jwk import RSAKey

    library.accounts.invite("anna@city.example", "moderator")
    provider.signing = RSAKey.generate_key(2048, {"kid": "one"})

    assert "did not work" in refused(client, go_there(client))


def test_a_signature_that_anyone_could_make_lets_nobody_in(client, library, provider):
    from joserfc.jwk import OctKey

    library.accounts.invite("anna@city.example", "moderator")
    provider.signing, provider.alg = OctKey.import_key(SECRET * 4), "HS256"

    refused(client, go_there(client))


def test_the_way_back_of_another_browser_is_no_way_in(site_with, library):
    library.accounts.invite("anna@city.example", "moderator")
    one, other = site_with().test_client(), site_with().test_client()
    back = go_there(one)

    refused(other, back)
    other.get("/sign-in/oidc")
    refused(other, back)
    refused(one, back.replace("code=c0de", "error=access_denied"))


def test_a_provider_that_gives_another_name_is_not_trusted(client, provider):
    provider.metadata = {"issuer": "https://evil.example"}

    assert "did not work" in client.get("/sign-in/oidc").text


def test_a_provider_that_is_gone_is_said(library, tmp_path):
    (tmp_path / "secret").write_text(SECRET, encoding="utf-8")
    (tmp_path / "secret").chmod(0o600)
    settings = Settings(
        oidc_issuer="http://127.0.0.1:1", oidc_client=CLIENT, oidc_secret_file=tmp_path / "secret"
    )

    answer = create_app(library, settings).test_client().get("/sign-in/oidc")

    assert "did not work" in answer.text


def test_without_a_provider_there_is_nothing(library):
    client = create_app(library, Settings()).test_client()

    assert client.get("/sign-in/oidc").status_code == 404
    assert "organisation" not in client.get("/sign-in").text
