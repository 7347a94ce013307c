"""The trimmed data of botocore is current, and contains exactly the needed operations."""

import json
from importlib.resources import files
from typing import Any

import botocore
import pytest
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.session import Session
from trim_botocore import CALLED, trimmed

from imagemill.aws.trimmed_models import TrimmedLoader, trimmed_session

SHIPPED = json.loads(files("imagemill.aws").joinpath("models.json").read_bytes())


def test_the_shipped_data_is_of_the_locked_botocore() -> None:
    assert SHIPPED["botocore"] == botocore.__version__
    assert json.loads(json.dumps(trimmed())) == SHIPPED, "make lock renews it"


@pytest.mark.parametrize("service", CALLED)
def test_a_client_has_the_operations_that_are_called(service: str) -> None:
    client = trimmed_session().create_client(service, region_name="eu-west-1")

    assert set(client.meta.method_to_api_mapping.values()) == set(CALLED[service])


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"])
@pytest.mark.parametrize("service", CALLED)
def test_a_client_has_the_endpoint_of_untrimmed_botocore(service: str, region: str) -> None:
    expected = Session().create_client(service, region_name=region)

    client = trimmed_session().create_client(service, region_name=region)

    assert client.meta.endpoint_url == expected.meta.endpoint_url


def test_a_client_signs_upload_forms() -> None:
    session = trimmed_session()
    session.set_credentials("key", "secret")
    client: Any = session.create_client("s3", region_name="eu-west-1")

    form = client.generate_presigned_post("b", "k")

    assert form["fields"]["key"] == "k"


def test_a_session_loads_the_shipped_data() -> None:
    loader = trimmed_session().get_component("data_loader")

    assert isinstance(loader, TrimmedLoader)
    assert loader.list_available_services("service-2") == list(CALLED)
    assert loader.list_api_versions("s3", "service-2") == ["2006-03-01"]


def test_other_data_is_unknown() -> None:
    loader = TrimmedLoader(SHIPPED)

    with pytest.raises(UnknownServiceError):
        loader.load_service_model("ec2", "service-2")
    with pytest.raises(DataNotFoundError):
        loader.load_service_model("s3", "waiters-2")
    with pytest.raises(DataNotFoundError):
        loader.load_data("_everything")
