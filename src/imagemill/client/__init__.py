"""Client of a stack's REST API, with and without `async`.

with Client(url, key=key) as client:
    image = client.wait(client.upload("holiday.jpg"))
    print(image.picture(alt="The beach"))
"""

from imagemill.client.asynchronous import AsyncClient
from imagemill.client.blocking import Client
from imagemill.client.errors import ApiError
from imagemill.client.images import (
    Fault,
    FocalPoint,
    Image,
    ImageLinks,
    Original,
    Page,
    PublicLinks,
    Rendition,
    StateChange,
    Status,
    Uploaded,
)
from imagemill.client.library import Filters, Folder, FolderPage, Sort
from imagemill.client.markup import Markup
from imagemill.client.shares import NewShare, Share
from imagemill.client.sources import Progress, Source

__all__ = [
    "ApiError",
    "AsyncClient",
    "Client",
    "Fault",
    "Filters",
    "FocalPoint",
    "Folder",
    "FolderPage",
    "Image",
    "ImageLinks",
    "Markup",
    "NewShare",
    "Original",
    "Page",
    "Progress",
    "PublicLinks",
    "Rendition",
    "Share",
    "Sort",
    "Source",
    "StateChange",
    "Status",
    "Uploaded",
]
