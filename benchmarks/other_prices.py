"""Prices that other image services publish for resizing, with their sources.

Only prices that could be read at the publisher's own page; docs/cost.md shows them, and names the
services that were left out.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Peer:
    """A published price: dollars for `per` renditions, without storage and delivery.

    The first `included` renditions of a month are free.
    """

    name: str
    dollars: float
    per: float
    basis: str
    source: str
    seen: str
    included: float = 0.0

    def cost(self, renditions: float) -> float:
        """Return the dollars for that many renditions in one month."""
        return max(0.0, renditions - self.included) * self.dollars / self.per


PEERS = (
    Peer(
        "AWS Dynamic Image Transformation",
        3.48,
        1e6,
        "API Gateway 1.00, Lambda 0.93, S3 0.40, CloudWatch 1.15 for a million transformations"
        " (10 million requests, 9 of 10 cached) of images of 45 kB in 350 ms; without CloudFront",
        "https://docs.aws.amazon.com/solutions/latest/dynamic-image-transformation-for-amazon-cloudfront/lambda-architecture-costs.html",
        "2026",
    ),
    Peer(
        "Cloudflare Images",
        0.50,
        1_000,
        "unique transformations of images that are stored elsewhere",
        "https://github.com/cloudflare/cloudflare-docs/blob/026f1f14d308ae4aa99ef390780092346fb4b7e9/src/content/docs/images/pricing.mdx",
        "undated",
        included=5_000,
    ),
)
