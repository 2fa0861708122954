import pytest

from kb import secret
from kb.errors import MailError, SettingError
from kb.mail import mailer
from kb.settings import Settings
from tests.postman import post_office


def kept(folder, text="geheim\n", mode=0o600):
    path = folder / "secret"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o400])
def test_a_secret_is_read_without_the_end_of_its_line(tmp_path, mode):
    assert secret.read(kept(tmp_path, mode=mode)) == "geheim"


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o666, 0o601])
def test_a_secret_that_everybody_could_read_is_refused_with_the_remedy(tmp_path, mode):
    with pytest.raises(SettingError, match="open to everybody: chmod 600"):
        secret.read(kept(tmp_path, mode=mode))


def test_a_secret_that_is_not_there_or_empty_is_refused(tmp_path):
    with pytest.raises(SettingError, match="No such file"):
        secret.read(tmp_path / "none")
    with pytest.raises(SettingError, match="is empty"):
        secret.read(kept(tmp_path, "\n"))


def test_the_password_of_the_mail_server_comes_from_its_file(tmp_path):
    with post_office() as office:
        port = office.server_address[1]
        settings = Settings.from_env(
            {
                "KB_SMTP": f"smtp://kb@127.0.0.1:{port}",
                "KB_SMTP_PASSWORD_FILE": str(kept(tmp_path)),
                "KB_MAIL_FROM": "kb@city.example",
            }
        )
        mailer(settings).send("a@b.example", "Hello", "Hello")

    assert "AUTH PLAIN AGtiAGdlaGVpbQ==" in office.said  # RFC 4616: kb, geheim
    assert len(office.letters) == 1


def test_a_password_file_that_is_open_sends_no_letter(tmp_path):
    with post_office() as office:
        port = office.server_address[1]
        file = kept(tmp_path, mode=0o644)
        settings = Settings(
            smtp=f"smtp://kb@127.0.0.1:{port}", smtp_password_file=file, mail_from="kb@x.example"
        )
        with pytest.raises(MailError, match="chmod 600"):
            mailer(settings).send("a@b.example", "Hello", "Hello")

    assert office.letters == []


def test_a_password_file_without_a_server_is_refused():
    with pytest.raises(SettingError, match="KB_SMTP_PASSWORD_FILE is set and KB_SMTP is not"):
        Settings.from_env({"KB_SMTP_PASSWORD_FILE": "/x"})
