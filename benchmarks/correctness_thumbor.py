"""thumbor's server in a thread; `correctness_worker.py` asks it by HTTP, as its users do."""

import asyncio
import threading
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from queue import Queue
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from thumbor.config import Config
from thumbor.context import Context, ServerParameters
from thumbor.importer import Importer
from thumbor.server import get_application, validate_config
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

_ACROSS = {"west": "left", "east": "right"}
_DOWN = {"north": "top", "south": "bottom"}
# Half the side of the box around a focal point, which thumbor takes in px.
_FOCUS_PX = 5


def start(refuse: Callable[..., None]) -> Callable[[bytes, dict[str, Any]], bytes]:
    """Return a function that asks the server; the file must lie where the request says."""
    ports: Queue[int] = Queue()
    threading.Thread(target=_serve, args=(ports,), daemon=True).start()
    port = ports.get(timeout=60)

    def run(data: bytes, asked: dict[str, Any]) -> bytes:
        refuse(asked, "score", *(["place"] if _is_pad_at_edge(asked) else []))
        path = _path(data, asked)
        with urlopen(f"http://127.0.0.1:{port}/unsafe/{path}") as answer:
            return bytes(answer.read())

    def answered(data: bytes, asked: dict[str, Any]) -> bytes:
        try:
            return run(data, asked)
        except HTTPError as error:
            if error.code < HTTPStatus.INTERNAL_SERVER_ERROR:
                raise OSError(error.reason) from None
            raise

    return answered


def _is_pad_at_edge(asked: dict[str, Any]) -> bool:
    """Return True for padding on one side, which thumbor cannot make."""
    return bool(asked["fit"] == "pad" and asked["place"] != "centre")


def _serve(ports: "Queue[int]") -> None:
    asyncio.run(_listen(ports))


async def _listen(ports: "Queue[int]") -> None:
    config = Config(
        LOADER="thumbor.loaders.file_loader",
        FILE_LOADER_ROOT_PATH="/",
        STORAGE="thumbor.storages.no_storage",
        RESPECT_ORIENTATION=True,
        SECURITY_KEY="unused",
    )
    server = ServerParameters(0, "127.0.0.1", "", False, "error", "thumbor.app.ThumborServiceApp")  # noqa: FBT003
    server.security_key = config.SECURITY_KEY
    importer = Importer(config)
    importer.import_modules()
    validate_config(config, server)
    with Context(server=server, config=config, importer=importer) as context:
        sockets = bind_sockets(0, "127.0.0.1")
        listener = HTTPServer(get_application(context))
        listener.add_sockets(sockets)
        ports.put(sockets[0].getsockname()[1])
        await asyncio.Event().wait()


def _path(data: bytes, asked: dict[str, Any]) -> str:
    """Return the address of a rendition; the file is named without its first slash."""
    filters = [] if asked["to"] == "keep" else [f"format({asked['to']})"]
    filters += [f"max_bytes({asked['max_bytes']})"] if asked["max_bytes"] else []
    filters += ["no_upscale()"] if asked["fit"] == "inside" else []
    filters += [f"fill({asked['background']},1)"] if asked["fit"] == "pad" else []
    filters += [_focal(data, asked["focus"])] if asked["focus"] else []
    parts = [] if asked["fit"] == "cover" else ["fit-in"]
    parts.append(f"{asked['width']}x{asked['height']}")
    for words in (_ACROSS, _DOWN):
        parts += [words[each] for each in words if each in asked["place"]]
    if filters:
        parts.append("filters:" + ":".join(filters))
    return "/".join([*parts, str(Path(asked["in"])).lstrip("/")])


def _focal(data: bytes, focus: tuple[float, float]) -> str:
    """Return the filter for a point; it counts in px of the original."""
    from io import BytesIO  # noqa: PLC0415

    from PIL import Image  # noqa: PLC0415 - thumbor's own

    with Image.open(BytesIO(data)) as image:
        x, y = (round(at * side) for at, side in zip(focus, image.size, strict=True))
    return f"focal({x - _FOCUS_PX}x{y - _FOCUS_PX}:{x + _FOCUS_PX}x{y + _FOCUS_PX})"
