"""Pages with viewers of IIIF, served from another origin than the images."""

import http.server
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

OPENSEADRAGON = """<!doctype html>
<meta charset="utf-8">
<title>OpenSeadragon</title>
<body style="margin: 0">
<div id="viewer" style="width: 1000px; height: 700px"></div>
<script src="/openseadragon/build/openseadragon/openseadragon.min.js"></script>
<script>
var viewer = OpenSeadragon({
    id: "viewer", tileSources: [INFO], showNavigationControl: false, crossOriginPolicy: "Anonymous",
    drawer: "canvas", immediateRender: true, animationTime: 0,
});
</script>
"""
MIRADOR = """<!doctype html>
<meta charset="utf-8">
<title>Mirador</title>
<body>
<div id="viewer" style="position: absolute; inset: 0"></div>
<script src="/mirador/dist/mirador.min.js"></script>
<script>
var viewer = Mirador.viewer({ id: "viewer", windows: [{ manifestId: "/manifest.json" }] });
</script>
"""


def manifest(origin: str, info: Mapping[str, Any]) -> dict[str, Any]:
    """Return a manifest of one image (IIIF Presentation API 3.0), from its information document."""
    size = {"width": info["width"], "height": info["height"]}
    service = {"id": info["id"], "type": info["type"], "profile": info["profile"]}
    image = {
        "id": f"{info['id']}/full/max/0/default.jpg",
        "type": "Image",
        "format": "image/jpeg",
        "service": [service],
        **size,
    }
    canvas = f"{origin}/canvas"
    annotation = {
        "id": f"{canvas}/annotation",
        "type": "Annotation",
        "motivation": "painting",
        "body": image,
        "target": canvas,
    }
    page = {"id": f"{canvas}/page", "type": "AnnotationPage", "items": [annotation]}
    return {
        "@context": "http://iiif.io/api/presentation/3/context.json",
        "id": f"{origin}/manifest.json",
        "type": "Manifest",
        "label": {"en": ["An image"]},
        "items": [{"id": canvas, "type": "Canvas", "items": [page], **size}],
    }


@contextmanager
def served(folder: Path, pages: dict[str, str]) -> Iterator[str]:
    """Serve a folder and the texts of some paths, which may be added; yield the origin."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:  # noqa: ANN401  # the base class's own
            super().__init__(*arguments, directory=str(folder))

        def do_GET(self) -> None:  # the base class's name for it
            """Answer a text, or a file of the folder."""
            if self.path not in pages:
                super().do_GET()
                return
            kind = "application/json" if self.path.endswith(".json") else "text/html"
            self.send_response(200)
            self.send_header("content-type", kind)
            self.end_headers()
            self.wfile.write(pages[self.path].encode())

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


def openseadragon(info: str) -> str:
    """Return a page that shows the image of an information document."""
    return OPENSEADRAGON.replace("INFO", json.dumps(info))
