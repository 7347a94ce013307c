"""The gallery's page: where its files are, and how it gets onto a stack."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import boto3
from botocore.exceptions import BotoCoreError

from imagemill.aws.site_bucket import SiteBucket
from imagemill.aws.stack_outputs import stack_outputs
from imagemill.errors import SetupFailed
from imagemill.local.address import Address
from imagemill.operations.publish_site import Publication, publish, site_files

_CDN = ".cloudfront.net"
_CDN_HERE = ".cloudfront.localhost"


@dataclass(frozen=True, slots=True)
class GalleryHosting:
    """Where a stack's gallery is served from and at, and the API it is a page of."""

    site: SiteBucket
    gallery_url: str
    api_url: str


def page_path() -> Path:
    """Return where the page's files are: beside this package's source, or inside the package."""
    package = Path(__file__).parents[1]
    for place in (package.parents[1] / "web", package / "web"):
        if place.is_dir():
            return place
    raise SetupFailed("the folder web is missing; reinstall imagemill or run it from its checkout")


def local_url(gallery_url: str, endpoint: str) -> str:
    """Return the address at which the embedded AWS serves what AWS has at `gallery_url`.

    Browsers take every name that ends in `.localhost` for this machine.
    """
    host = (urlsplit(gallery_url).hostname or "").replace(_CDN, _CDN_HERE)
    here = urlsplit(endpoint)
    return urlunsplit((here.scheme, f"{host}:{here.port}", "/", "", ""))


def entry_link(address: Address) -> str:
    """Return the gallery's address with the API key in the fragment, which no server is sent."""
    return f"{address.gallery_url}#key={quote(address.api_key, safe='')}"


def publish_page(address: Address) -> Publication:
    """Put the page of this checkout onto a running cloud; raises SetupFailed without gallery."""
    if not address.gallery_url:
        raise SetupFailed("this cloud was started without a gallery")
    session = boto3.Session(
        address.aws_access_key_id, address.aws_secret_access_key, region_name=address.region
    )
    bucket = SiteBucket(session.client("s3", endpoint_url=address.endpoint), address.site_bucket)
    return publish(site_files(page_path(), address.api_url), bucket)


def open_gallery_hosting(stack: str, profile: str | None, region: str | None) -> GalleryHosting:
    """Return the showroom of a stack on AWS; raises SetupFailed if it has none."""
    try:
        session = boto3.Session(profile_name=profile, region_name=region)
        s3, cloudformation = session.client("s3"), session.client("cloudformation")
    except (BotoCoreError, ValueError) as fault:
        raise SetupFailed(f"AWS cannot be used: {fault}") from fault
    outputs = stack_outputs(cloudformation, stack)
    if "GalleryUrl" not in outputs:
        raise SetupFailed(f"the stack {stack!r} has no gallery; deploy it with Gallery=true")
    site = SiteBucket(s3, outputs["SiteBucketName"])
    return GalleryHosting(site, outputs["GalleryUrl"], outputs["ApiUrl"])
