import pytest

from imagemill.addresses import is_encrypted_or_local


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://login.example.com/keys", True),
        ("http://127.0.0.1:8080/keys", True),
        ("http://localhost/keys", True),
        ("http://[::1]:8080/keys", True),
        ("http://LOCALHOST/keys", True),
        ("http://d1.cloudfront.localhost:4566/", True),
        ("http://evil-localhost/", False),
        ("http://127.0.0.2/", False),
        ("http://.localhost.example.com/", False),
        ("http://login.example.com/keys", False),
        ("http://169.254.169.254/latest/meta-data", False),
        ("http://127.0.0.1.example.com/", False),
        ("http://localhost@example.com/", False),
        ("file:///etc/passwd", False),
        ("ftp://localhost/keys", False),
        ("https://", False),
        ("https://[", False),
        ("None", False),
    ],
)
def test_only_encrypted_addresses_and_this_machine_are_safe(url: str, safe: bool) -> None:
    assert is_encrypted_or_local(url) is safe
