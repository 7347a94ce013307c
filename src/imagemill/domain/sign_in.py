"""The issuer at which the users of a stack sign in, and the parameters of its clients."""

from collections.abc import Mapping

from imagemill.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class SignIn:
    """Where users of the gallery sign in; `api` is the URL of the API that takes their tokens."""

    issuer: str
    client: str
    audience: str
    scope: str
    api: str

    @classmethod
    def from_outputs(cls, outputs: Mapping[str, str], users_api_url: str) -> "SignIn | None":
        """Return the sign-in that the outputs of a stack describe; None if it has none."""
        if not outputs.get("GalleryClientId"):
            return None
        return cls(
            outputs["JwtIssuer"],
            outputs["GalleryClientId"],
            outputs["JwtAudience"],
            outputs["GalleryScope"],
            users_api_url,
        )

    @property
    def takes_access_tokens(self) -> bool:
        """Whether the API takes access tokens; it takes ID tokens if they are for the client."""
        return self.audience != self.client
