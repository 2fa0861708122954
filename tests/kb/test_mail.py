"""Letters, taken by a real server on this computer."""

import email.policy
import socketserver
from collections.abc import Iterator

import pytest

from kb.errors import MailError, SettingError
from kb.mail import SmtpMailer, mailer
from kb.settings import Settings
from tests.postman import post_office


@pytest.fixture
def post() -> Iterator[socketserver.TCPServer]:
    with post_office() as server:
        yield server


def settings_for(server: socketserver.TCPServer, who: str = "") -> Settings:
    port = server.server_address[1]
    return Settings(smtp=f"smtp://{who}127.0.0.1:{port}", mail_from="Kasus <kb@city.example>")


def test_a_letter_arrives_as_it_was_written(post):
    mailer(settings_for(post)).send("anna@city.example", "A link for you", "Grüße aus Łódź\n")

    letter = email.message_from_bytes(post.letters[0], policy=email.policy.default)
    assert letter["To"] == "anna@city.example"
    assert letter["From"] == "Kasus <kb@city.example>"
    assert letter["Subject"] == "A link for you"
    assert letter.get_content().strip() == "Grüße aus Łódź"
    assert letter["Message-ID"].endswith("@city.example>")
    assert letter["Date"]


def test_an_address_in_the_head_stays_whole_however_long_it_is(post):
    address = f"<https://praxis.example/no-letters/{'x' * 200}?lang=pt>"
    mailer(settings_for(post)).send("a@b.example", "ŁÓDŹ " * 30, "", {"List-Unsubscribe": address})

    head = post.letters[0].decode("ascii")
    assert f"\r\nList-Unsubscribe: {address}\r\n" in head
    assert all(len(line) <= 78 for line in head.split("\r\n") if "List-" not in line)


def test_the_server_is_told_who_sends(post):
    mailer(settings_for(post, "kb:p%40ss@")).send("anna@city.example", "Hello", "Hello")

    assert any(line.startswith("AUTH PLAIN") for line in post.said)


def test_a_letter_that_is_not_taken_is_an_error_without_the_password(post):
    with pytest.raises(MailError) as refused:
        mailer(settings_for(post, "kb:geheim@")).send("nobody@city.example", "Hello", "Hello")

    assert "geheim" not in str(refused.value)
    assert "KB_SMTP" in str(refused.value)


def test_a_server_that_is_not_there_is_an_error():
    with pytest.raises(MailError):
        SmtpMailer("smtp://127.0.0.1:1", "kb@city.example").send("a@b.example", "Hello", "Hello")


def test_no_line_is_put_into_the_head_of_a_letter(post):
    for subject, more in (("Hello\r\nBcc: c@d.example", ""), ("Hello", "x\r\nBcc: c@d.example")):
        with pytest.raises(MailError):
            mailer(settings_for(post)).send("a@b.example", subject, "Hello", {"List-Id": more})
    assert post.letters == []


def test_without_a_server_there_are_no_letters():
    assert mailer(Settings()) is None


def test_the_password_of_the_server_is_shown_nowhere():
    settings = Settings(smtp="smtp://kb:geheim@127.0.0.1", mail_from="kb@city.example")

    assert "geheim" not in repr(settings)
    assert "geheim" not in repr(mailer(settings))


@pytest.mark.parametrize(
    "text",
    ["mail.example", "http://geheim@x", "smtp://geheim@", "smtp://h:geheim", "smtp://geheim:[a"],
)
def test_an_address_of_a_server_that_cannot_be_read_is_refused_unsaid(text):
    with pytest.raises(SettingError) as refused:
        Settings.from_env({"KB_SMTP": text, "KB_MAIL_FROM": "kb@city.example"})
    assert "geheim" not in str(refused.value)


def test_a_server_needs_an_address_to_send_from():
    with pytest.raises(SettingError, match="KB_MAIL_FROM is not"):
        Settings.from_env({"KB_SMTP": "smtp://127.0.0.1"})
