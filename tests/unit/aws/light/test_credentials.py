"""Credentials from the environment."""

from imagemill.aws.light.credentials import Credentials

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "id",
    "AWS_SECRET_ACCESS_KEY": "secret-1",
    "AWS_SESSION_TOKEN": "token-1",
}


def test_credentials_are_read_from_the_environment() -> None:
    assert Credentials.from_environ(ENVIRONMENT) == Credentials("id", "secret-1", "token-1")


def test_the_session_token_is_optional() -> None:
    environ = {name: value for name, value in ENVIRONMENT.items() if "TOKEN" not in name}

    assert Credentials.from_environ(environ).token == ""


def test_the_text_of_credentials_contains_no_secret() -> None:
    assert str(Credentials.from_environ(ENVIRONMENT)) == "Credentials(key_id='id')"
