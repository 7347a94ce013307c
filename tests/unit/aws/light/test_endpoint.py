"""The light clients call the same endpoints as botocore, in every region of every partition."""

import pytest
from botocore.config import Config
from botocore.session import Session, get_session

from imagemill.aws.light.endpoint import Endpoint

# The services that the functions call, and the variable that overrides their endpoint.
SERVICES = {"s3": "S3", "dynamodb": "DYNAMODB", "events": "EVENTBRIDGE", "sqs": "SQS"}
# In us-east-1 botocore uses the global endpoint of S3 by default.
REGIONAL = Config(s3={"us_east_1_regional_endpoint": "regional"})


@pytest.fixture(scope="module")
def session() -> Session:
    made = get_session()
    made.set_credentials("AKIDEXAMPLE", "secret")
    return made


def regions(session: Session) -> list[str]:
    """Return the regions that botocore knows, in all partitions."""
    known = session.get_component("data_loader").load_data("partitions")["partitions"]
    names = [name for one in known for name in one["regions"]]
    return [name for name in names if not name.endswith("-global")]


def test_botocore_knows_regions_of_eight_partitions(session: Session) -> None:
    found = regions(session)

    assert len(found) > 40
    assert {"eusc-de-east-1", "us-isof-east-1", "eu-isoe-west-1", "cn-north-1"} <= set(found)


@pytest.mark.parametrize("service", SERVICES)
def test_an_endpoint_is_that_of_botocore_in_every_region(session: Session, service: str) -> None:
    places = regions(session)

    ours = {region: Endpoint.find({}, service, SERVICES[service], region).url for region in places}

    assert ours == {
        region: session.create_client(service, region, config=REGIONAL).meta.endpoint_url
        for region in places
    }
