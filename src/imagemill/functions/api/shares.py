"""Routes that make, list, revoke and describe share links."""

from http import HTTPStatus
from typing import TYPE_CHECKING

from imagemill.api import shares
from imagemill.domain.share import DEFAULT_S, address_of
from imagemill.domain.share_json import report, scope_of
from imagemill.errors import InvalidRequest, NotFound
from imagemill.functions.api import share_fields as fields
from imagemill.functions.api.audit import audit_share
from imagemill.functions.api.bodies import json_body
from imagemill.functions.api.fields import DEFAULT_PAGE_IMAGES, LIMIT
from imagemill.functions.api.json_bodies import BodyReader, json_object
from imagemill.functions.api.library_fields import BOUND_CURSOR
from imagemill.functions.api.messages import JSON, Request, Response, json_text
from imagemill.functions.api.parameters import ParameterReader

if TYPE_CHECKING:
    from imagemill.functions.api.deps import Deps


def create_share(request: Request, deps: "Deps") -> Response:
    """Make a share link to one image or to a folder."""
    wanted = _parsed(json_body(request))
    made = shares.create_share(wanted, deps.shares, request.caller)
    audit_share("share", request.caller, made.share)
    address = request.site.url and address_of(request.site.url, made.token)
    body = {**report(made.share), "token": made.token, "url": address or None}
    return Response(HTTPStatus.CREATED, JSON, json_text(body))


def list_shares(request: Request, deps: "Deps") -> Response:
    """Return a page of the valid share links that the caller has made."""
    reader = ParameterReader(request)
    limit = reader.query_number(LIMIT, DEFAULT_PAGE_IMAGES)
    cursor = reader.query_text(BOUND_CURSOR)
    reader.finish()
    page = shares.list_shares(limit, cursor, deps.shares, request.caller)
    body = {"shares": [*map(report, page.shares)], "cursor": page.cursor}
    return Response(HTTPStatus.OK, JSON, json_text(body))


def revoke_share(request: Request, deps: "Deps") -> Response:
    """Revoke a share link; it shows nothing from then on."""
    reader = ParameterReader(request)
    share_id = reader.path_text(fields.SHARE_ID)
    reader.finish()
    share = shares.revoke_share(share_id, deps.shares, request.caller)
    audit_share("revoke share", request.caller, share)
    return Response(HTTPStatus.OK, JSON, json_text(report(share)))


def describe_share(request: Request) -> Response:
    """Return the images that the share link of the request shows, and until when."""
    ParameterReader(request).finish()
    if request.caller.grant is None:
        raise NotFound("the request has no share link")
    return Response(HTTPStatus.OK, JSON, json_text(scope_of(request.caller.grant)))


def _parsed(body: bytes) -> shares.ShareRequest:
    """Return the share that a client asks for; raises InvalidRequest with all errors."""
    found = json_object(body)
    known = (fields.SHARED_IMAGE, fields.SHARED_PREFIX, fields.SECONDS, fields.ORIGINALS)
    reader = BodyReader(found, frozenset(field.name for field in known))
    wanted = shares.ShareRequest(
        image=reader.optional_text(fields.SHARED_IMAGE),
        prefix=reader.optional_text(fields.SHARED_PREFIX),
        seconds=reader.optional_number(fields.SECONDS, DEFAULT_S),
        originals=reader.switch(fields.ORIGINALS),
    )
    reader.finish()
    if bool(wanted.image) == bool(wanted.prefix):
        raise InvalidRequest("expected either image or prefix")
    return wanted
