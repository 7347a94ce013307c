"""The parameters of a deployment to the embedded AWS."""

import boto3
import pytest

from imagemill.errors import UsageInvalid
from imagemill.local.deploy import deploy, whole_numbers
from imagemill.local.template import load_template, template_path

NOTHING_LISTENS = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"MaxConcurrency": "many"}, "MaxConcurrency must be a whole number"),
        ({"JwtIssuer": "https://login.example.com"}, "JwtIssuer needs JwtAudience"),
    ],
)
def test_wrong_parameters_are_told_before_any_request(given: dict[str, str], message: str) -> None:
    session = boto3.Session("key", "secret", region_name="us-east-1")

    with pytest.raises(UsageInvalid, match=message):
        deploy(session, NOTHING_LISTENS, "imagemill", template_path(), given)


def test_a_fraction_is_none_of_the_whole_numbers() -> None:
    declared = load_template(template_path())["Parameters"]

    numbers = whole_numbers(declared, {"DailyDollars": "0.5", "MaxConcurrency": "3"})

    assert "DailyDollars" not in numbers
    assert numbers["MaxConcurrency"] == 3
    assert numbers["MemorySize"] == 1280
