"""The files of the gallery's page, and how they are published to the embedded AWS."""

from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import boto3

from imagemill.domain.sign_in import SignIn
from imagemill.errors import SetupFailed
from imagemill.local.address import Address
from imagemill.local.cloudfront import CDN_HERE
from imagemill.operations.publish_site import Publication, publish, site_files
from imagemill.wiring.shipped_files import shipped_path
from imagemill.wiring.site import site_bucket

_CDN = ".cloudfront.net"


def page_path() -> Path:
    """Return the folder of the page's files."""
    return shipped_path("web")


def local_url(gallery_url: str, endpoint: str) -> str:
    """Return the URL at which the embedded AWS serves the distribution of `gallery_url`.

    Browsers resolve every name that ends in `.localhost` to this machine.
    """
    host = (urlsplit(gallery_url).hostname or "").replace(_CDN, CDN_HERE)
    here = urlsplit(endpoint)
    return urlunsplit((here.scheme, f"{host}:{here.port}", "/", "", ""))


def entry_link(address: Address) -> str:
    """Return the gallery's URL with the API key in the fragment, which browsers do not send."""
    return f"{address.gallery_url}#key={quote(address.api_key, safe='')}"


def publish_page(address: Address) -> Publication:
    """Publish the page of this installation to the running `imagemill up`.

    Raises SetupFailed if its stack has no gallery.
    """
    if not address.gallery_url:
        raise SetupFailed("the running stack has no gallery")
    session = boto3.Session(
        address.aws_access_key_id, address.aws_secret_access_key, region_name=address.region
    )
    bucket = site_bucket(session, address.endpoint, address.site_bucket)
    cloudformation = session.client("cloudformation", endpoint_url=address.endpoint)
    [stack] = cloudformation.describe_stacks(StackName=address.stack)["Stacks"]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}
    sign_in = SignIn.from_outputs(outputs, address.users_api_url)
    private = "PrivateSeconds" in outputs
    files = site_files(
        page_path(),
        address.api_url,
        sign_in,
        private=private,
        shares_api_url=address.shares_api_url,
    )
    return publish(files, bucket)
