"""The JavaScript package against a stack: the client of docs/javascript.md in Node."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from fakes.images import jpeg
from live.stack import TIMEOUT_S

from imagemill.local.address import Address
from strangers.tools import ROOT, lacks

# The first block of the page: it makes a client, uploads bytes and waits for the record.
[CLIENT, *_] = re.findall(
    r"^```js\n(.*?)^```$", (ROOT / "docs/javascript.md").read_text(), re.MULTILINE | re.DOTALL
)
BYTES = "import { readFileSync } from 'node:fs'; const bytes = readFileSync(process.argv[1]);\n"
# Every other method; prints what it returned.
OTHERS = """
const focused = await client.setFocus(id, { x: 0.2, y: 0.8 });
const page = await client.list({ limit: 1, status: "ready", public: true });
const all = [];
for await (const one of client.images({ status: "ready" })) all.push(one);
const listed = all.find((one) => one.id === id);
const rendition = await fetch(image.links.renditions["500"]);
await client.delete(id);
await client.delete(id);
const gone = await client.get(id).catch((error) => error);
const empty = new File([], "empty.jpg");
const refused = await client.upload(empty).catch((error) => error);
const text = await client.upload(new Blob(["no image"]), { filename: "a.jpg" });
const rejected = await client.wait(text.id);
console.log(JSON.stringify({
  key, status: image.status, sizes: image.renditions["500"], html: image.public.html,
  focus: focused.focus, listed: listed.filename, hasPublic: page.images[0].public !== undefined,
  type: rendition.headers.get("content-type"), gone: gone.code, refused: refused.code,
  rejected: rejected.error.code,
}));
"""


def node(program: str, *arguments: str, address: Address) -> dict[str, Any]:
    """Run a module in the package's folder, and return the JSON of its last line."""
    if shutil.which("node") is None:
        lacks("node")
    environment = {"IMAGEMILL_API": address.api_url, "IMAGEMILL_API_KEY": address.api_key}
    done = subprocess.run(
        ["node", "--input-type=module", "-e", program, *arguments],  # noqa: S607 - Node's tests
        cwd=ROOT / "js",
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(found, dict)
    return found


def test_the_documented_client_uploads_reads_and_deletes(address: Address, tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    photo.write_bytes(jpeg(900, 600))

    found = node(BYTES + CLIENT + OTHERS, str(photo), address=address)

    sizes = found.pop("sizes")
    assert (sizes["width"], sizes["height"]) == (500, 333)
    assert re.fullmatch(r"uploads/[\w-]+/holiday\.jpg", found.pop("key"))
    assert found.pop("html").startswith("<picture>")
    assert found == {
        "status": "ready",
        "focus": {"x": 0.2, "y": 0.8},
        "listed": "holiday.jpg",
        "hasPublic": True,
        "type": "image/jpeg",
        "gone": "gone",
        "refused": "invalid_request",
        "rejected": "not_an_image",
    }


@pytest.mark.parametrize("key", ["", "wrong"])
def test_a_wrong_key_is_an_error_with_its_code(key: str, address: Address) -> None:
    program = """
import { Imagemill } from "imagemill";
const client = new Imagemill({ api: process.env.IMAGEMILL_API, apiKey: process.argv[1] });
const { code, status, requestId } = await client.get("mnqoqqgcscatdmwfokpqwkndci").catch((e) => e);
console.log(JSON.stringify({ code, status, hasRequest: requestId !== null }));
"""

    found = node(program, key, address=address)

    assert found == {"code": "forbidden", "status": 403, "hasRequest": True}
