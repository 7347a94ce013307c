"""The settings of the project."""

import os
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1]
# The database, and without a stack also the images.
DATA = Path(os.environ.get("WALL_DATA", FOLDER / "data"))
DATA.mkdir(parents=True, exist_ok=True)

# Only for development, as the server of `runserver`.
DEBUG = True
SECRET_KEY = "replace me"  # noqa: S105  # of an example

INSTALLED_APPS = ["django.contrib.contenttypes", "imagemill.contrib.django", "wall"]
MIDDLEWARE = [
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
ROOT_URLCONF = "wall.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATA / "wall.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TIME_ZONE = "UTC"
USE_TZ = True
MEDIA_ROOT = DATA / "media"
MEDIA_URL = "/media/"

STACK = {
    "BACKEND": "imagemill.contrib.django.storage.StackStorage",
    "OPTIONS": {
        "api": os.environ.get("IMAGEMILL_API", ""),
        "key": os.environ.get("IMAGEMILL_API_KEY", ""),
        # The page loads again every second while a photo is pending.
        "poll_s": 0.5,
    },
}
LOCAL = {
    "BACKEND": "imagemill.contrib.django.local_storage.LocalStorage",
    "OPTIONS": {"recipe": "small=320x320, large=1280x1280"},
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "imagemill": STACK if os.environ.get("IMAGEMILL_API") else LOCAL,
}
