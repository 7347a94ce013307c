"""A REST API as the documentation of Powertools and boto3 shows it, to compare with."""

import base64
import os
import secrets
from typing import Annotated, Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from botocore.config import Config
from pydantic import BaseModel

# MiniStack and the fake of the benchmark need the bucket in the path.
_CONFIG = Config(signature_version="s3v4", s3={"addressing_style": "path"})
logger = Logger()
app = APIGatewayRestResolver(enable_validation=True, cors=CORSConfig())
s3: Any = boto3.client("s3", config=_CONFIG)
table: Any = boto3.resource("dynamodb").Table(os.environ["IMAGEMILL_TABLE"])
ORIGINALS = os.environ["IMAGEMILL_ORIGINALS_BUCKET"]
PROCESSED = os.environ["IMAGEMILL_PROCESSED_BUCKET"]


class Rendition(BaseModel):
    """One resized image."""

    key: str
    bytes: int
    width: int
    height: int
    format: str


class Image(BaseModel):
    """The record of one image, with presigned URLs."""

    id: str
    key: str
    filename: str
    status: str
    uploaded_at: str
    etag: str
    original: dict[str, Any]
    renditions: dict[str, Rendition]
    placeholder: str
    colour: str
    links: dict[str, str]


class Listing(BaseModel):
    """A page of images."""

    images: list[Image]
    cursor: str


class UploadRequest(BaseModel):
    """A file that the client will upload."""

    filename: str
    bytes: int


@app.get("/images/<image_id>")
def read_image(image_id: Annotated[str, Path(min_length=26, max_length=26)]) -> Image:
    """Return one record."""
    return _image(table.get_item(Key={"id": image_id}, ConsistentRead=True)["Item"])


@app.get("/images")
def list_images(limit: Annotated[int, Query(ge=1, le=100)] = 20) -> Listing:
    """Return a page of records."""
    page = table.query(
        IndexName="feed",
        KeyConditionExpression="kind = :kind",
        ExpressionAttributeValues={":kind": "image"},
        ScanIndexForward=False,
        Limit=limit,
    )
    images = [_image(item) for item in page["Items"]]
    return Listing(images=images, cursor=page["LastEvaluatedKey"]["feed_at"])


@app.post("/uploads")
def announce_upload(request: UploadRequest) -> dict[str, Any]:
    """Return an upload form."""
    key = f"uploads/{secrets.token_urlsafe(16)}/{request.filename}"
    form = s3.generate_presigned_post(
        ORIGINALS, key, Conditions=[["content-length-range", 1, request.bytes]], ExpiresIn=900
    )
    table.put_item(Item={"id": key, "status": "pending"})
    return {"key": key, **form}


@app.post("/images")
def upload_image() -> dict[str, str]:
    """Store an image."""
    key = f"uploads/{secrets.token_urlsafe(16)}/image.jpg"
    table.put_item(Item={"id": key, "status": "pending"})
    s3.put_object(Bucket=ORIGINALS, Key=key, Body=base64.b64decode(app.current_event["body"]))
    return {"key": key}


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's
    """Answer one request."""
    return app.resolve(event, context)


def _image(item: dict[str, Any]) -> Image:
    links = {"original": _url(ORIGINALS, item["key"])}
    for preset, made in item["renditions"].items():
        links[preset] = _url(PROCESSED, made["key"])
    return Image.model_validate({**item, "links": links})


def _url(bucket: str, key: str) -> str:
    params = {"Bucket": bucket, "Key": key, "ResponseContentType": "image/jpeg"}
    url: str = s3.generate_presigned_url("get_object", Params=params, ExpiresIn=900)
    return url
