"""What others say their resizing costs: published figures, with their sources, and nothing else.

A peer whose price could not be read where it publishes it has no place here; docs/cost.md names
those that were looked for.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Peer:
    """A published price: dollars for so many renditions made, storing and showing them left out.

    `included` of them cost nothing in a month.
    """

    name: str
    dollars: float
    per: float
    basis: str
    source: str
    seen: str
    included: float = 0.0

    def cost(self, renditions: float) -> float:
        """Return the dollars for making so many renditions in a month."""
        return max(0.0, renditions - self.included) * self.dollars / self.per


PEERS = (
    Peer(
        "AWS Dynamic Image Transformation",
        3.48,
        1e6,
        "API Gateway 1.00, Lambda 0.93, S3 0.40, CloudWatch 1.15 for a million transformed"
        " (10 million served, 9 of 10 from the cache) of 45 kB each in 350 ms; CloudFront left out",
        "https://docs.aws.amazon.com/solutions/latest/dynamic-image-transformation-for-amazon-cloudfront/lambda-architecture-costs.html",
        "2026",
    ),
    Peer(
        "Cloudflare Images",
        0.50,
        1_000,
        "unique transformations of images that are kept elsewhere",
        "https://github.com/cloudflare/cloudflare-docs/blob/026f1f14d308ae4aa99ef390780092346fb4b7e9/src/content/docs/images/pricing.mdx",
        "undated",
        included=5_000,
    ),
)
