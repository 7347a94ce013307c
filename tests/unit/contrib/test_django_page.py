"""Every block of docs/django.md is valid, and does what the page says."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import signing
from django.core.files.base import ContentFile
from django.template import Context, Template
from django.test import RequestFactory, override_settings
from django.test.utils import isolate_apps
from fakes.api import KEY
from fakes.images import jpeg
from fakes.stack_server import StackServer
from shop.models import Product

from imagemill.contrib.django import checks
from imagemill.contrib.django.field_file import ImageFieldFile
from imagemill.contrib.django.signals import image_changed

PAGE = (Path(__file__).parents[3] / "docs/django.md").read_text()
PYTHON = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
TEMPLATES = re.findall(r"^```html\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
SETTINGS = [block for block in PYTHON if re.search("^[A-Z_]+(\\[| =)", block, re.MULTILINE)]
CHECK = r"imagemill\.[EW]\d+"
CODE = [block for block in PYTHON if block not in SETTINGS]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Return what the blocks define, in the app `shop`, which has the table of its model."""
    monkeypatch.setattr(image_changed, "receivers", [])
    found: dict[str, Any] = {"__name__": "shop.page"}
    with isolate_apps("shop"):
        for block in CODE:
            exec(block, found)  # noqa: S102  # our own page
        yield found


def test_the_page_has_blocks_of_every_kind() -> None:
    assert (len(SETTINGS), len(CODE), len(TEMPLATES)) == (3, 5, 1)


def test_the_settings_pass_the_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEMILL_API", "https://abc.execute-api.eu-central-1.amazonaws.com/live")
    monkeypatch.setenv("IMAGEMILL_API_KEY", KEY)
    monkeypatch.setenv("WEBHOOK_SECRET", "a secret")
    found: dict[str, Any] = {}
    for block in SETTINGS:
        exec(block, found)  # noqa: S102  # our own page
        values = {name: value for name, value in found.items() if name.isupper()}
        del values["INSTALLED_APPS"]
        with override_settings(**values):
            assert checks.check_options() == []
    assert checks.check_secrets() == []
    assert set(found["INSTALLED_APPS"]) <= set(settings.INSTALLED_APPS)


def test_a_list_is_shown_by_the_template(names: dict[str, Any]) -> None:
    post = names["Post"](title="A <lake>")
    post.photo.save("a.jpg", ContentFile(jpeg(120, 80)))

    [listed] = names["newest_posts"]()
    html = Template(TEMPLATES[0].replace("thumb", "square")).render(Context({"post": listed}))

    assert 'alt="A &lt;lake&gt;"' in html
    assert 'sizes="(min-width: 60em) 50vw, 100vw"' in html
    assert f'<img src="{post.photo.renditions["square"].url}" width="20"' in html


def test_a_browser_sends_a_file_to_the_bucket(names: dict[str, Any], stack: StackServer) -> None:
    post, size = RequestFactory().post, len(jpeg())
    asked = {"name": "a.jpg", "type": "image/jpeg", "bytes": str(size)}
    begun = names["begin_upload"](post("/", asked))
    key = re.findall(r'"key": "([^"]+)"', begun.content.decode())[-1]

    ended = names["end_upload"](post("/", {"title": "sea", "key": key}))

    assert ended.status_code == 201
    assert names["Post"].objects.get().photo.name == signing.loads(key)
    assert stack.asked == ["POST /uploads"]
    with pytest.raises(signing.BadSignature):
        names["end_upload"](post("/", {"title": "sea", "key": "uploads/x/of-others.jpg"}))


def test_the_address_of_webhooks_is_the_documented_one(names: dict[str, Any]) -> None:
    [included] = names["urlpatterns"]
    [view] = included.url_patterns

    assert f"https://www.example.com/{included.pattern}{view.pattern}" in PAGE


def test_a_changed_state_is_printed(
    names: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    product = Product(name="sea")
    product.photo.save("a.jpg", ContentFile(jpeg()))

    names["image_changed"].send(sender=None, image=product.photo.image)

    assert capsys.readouterr().out == f"{product.photo} ready\n"


@pytest.mark.parametrize("name", re.findall(r"^\| `photo\.(\w+)", PAGE, re.MULTILINE))
def test_every_attribute_of_the_table_exists(name: str) -> None:
    assert hasattr(ImageFieldFile, name)


def test_every_check_is_documented() -> None:
    sources = "".join(path.read_text() for path in Path(checks.__file__).parent.glob("*.py"))

    assert set(re.findall(CHECK, sources)) == set(re.findall(CHECK, PAGE))
