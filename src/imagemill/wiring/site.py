"""The bucket that serves the gallery of a stack, on AWS or on the embedded AWS."""

from typing import TYPE_CHECKING

from imagemill.aws.site_bucket import SiteBucket
from imagemill.aws.stack_outputs import stack_outputs
from imagemill.dataclass import dataclass
from imagemill.domain.sign_in import SignIn
from imagemill.errors import SetupFailed
from imagemill.operations.publish_site import Site
from imagemill.wiring.session import Credentials, explained, session_of

if TYPE_CHECKING:
    import boto3


@dataclass(frozen=True, slots=True)
class GallerySite:
    """The bucket and the URL of a stack's gallery, and the URL of the API that the page calls.

    `sign_in` is None if users cannot sign in. `private` tells whether images need signatures.
    `shares_api_url` is the URL of the API for share links; empty without them.
    """

    site: Site
    gallery_url: str
    api_url: str
    sign_in: SignIn | None = None
    private: bool = False
    shares_api_url: str = ""


def site_bucket(session: "boto3.Session", endpoint: str, bucket: str) -> Site:
    """Return the bucket of a gallery on the AWS at `endpoint`."""
    return SiteBucket(session.client("s3", endpoint_url=endpoint), bucket)


def open_site(stack: str, profile: str | None, region: str | None) -> GallerySite:
    """Return the gallery of a stack on AWS; raises SetupFailed if it has none."""
    with explained():
        session = session_of(Credentials(profile, region))
        s3, cloudformation = session.client("s3"), session.client("cloudformation")
    outputs = stack_outputs(cloudformation, stack)
    if "GalleryUrl" not in outputs:
        raise SetupFailed(f"the stack {stack!r} has no gallery; deploy it with Gallery=true")
    site = SiteBucket(s3, outputs["SiteBucketName"])
    sign_in = SignIn.from_outputs(outputs, outputs.get("UsersApiUrl", ""))
    private = "PrivateSeconds" in outputs
    shares_api_url = outputs.get("SharesApiUrl", "")
    return GallerySite(
        site, outputs["GalleryUrl"], outputs["ApiUrl"], sign_in, private, shares_api_url
    )
