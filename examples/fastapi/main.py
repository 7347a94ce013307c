"""A wall of photos: FastAPI with the asynchronous client of imagemill.

In an application of yours, check here who may add and remove photos.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse

from imagemill.client import ApiError, AsyncClient, Image
from imagemill.errors import EmptyFile, ImagemillError, RecordedRejection

PAGE = (Path(__file__).parent / "page.html").read_text()
SIZES = "(min-width: 40rem) 20rem, 100vw"
# Photos on the page.
SHOWN = 30


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, AsyncClient]]:
    """Keep one client for the life of the application."""
    url, key = os.environ["IMAGEMILL_API"], os.environ["IMAGEMILL_API_KEY"]
    async with AsyncClient(url, key=key) as client:
        yield {"client": client}


app = FastAPI(title="A wall of photos", lifespan=lifespan)


def client_of(request: Request) -> AsyncClient:
    """Return the client of the application."""
    client: AsyncClient = request.state.client
    return client


Client = Annotated[AsyncClient, Depends(client_of)]


@app.get("/", response_class=HTMLResponse)
async def wall(client: Client) -> str:
    """Return the page with the newest photos."""
    page = await client.page(limit=SHOWN, status="ready", public=True)
    return PAGE.replace("<!-- photos -->", "\n".join(map(figure, page.images)))


@app.post("/photos", status_code=201)
async def add(request: Request, filename: str, client: Client) -> dict[str, str]:
    """Store the photo in the body, and return it as HTML when it is ready."""
    uploaded = await client.upload(request.stream(), filename=filename)
    image = await client.wait(uploaded, timeout_s=60)
    return {"id": image.id, "html": figure(image)}


@app.delete("/photos/{image}", status_code=204)
async def remove(image: str, client: Client) -> None:
    """Delete a photo."""
    await client.delete(image)


@app.exception_handler(ImagemillError)
async def refused(_: Request, fault: ImagemillError) -> JSONResponse:
    """Answer with the code and the text of an error."""
    return JSONResponse({"code": fault.code, "detail": str(fault)}, status_of(fault))


def status_of(fault: ImagemillError) -> int:
    """Return the HTTP status of an error."""
    if isinstance(fault, ApiError):
        return fault.status
    return 422 if isinstance(fault, RecordedRejection | EmptyFile) else 503


def figure(image: Image) -> str:
    """Return a photo as HTML; empty if the stack has no public addresses."""
    return f"<figure>{image.picture(alt=image.filename, sizes=SIZES) or ''}</figure>"
