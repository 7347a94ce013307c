"""Settings of the Django project of the tests."""

from pathlib import Path

SECRET_KEY = "not a secret"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "imagemill.contrib.django",
    "shop",
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "imagemill": {
        "BACKEND": "imagemill.contrib.django.local_storage.LocalStorage",
        "OPTIONS": {"recipe": "small=40, square=20x20:cover:webp"},
    },
}
MEDIA_URL = "/media/"
ROOT_URLCONF = "shop.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [str(Path(__file__).parent)],
    }
]
ALLOWED_HOSTS = ["testserver"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TIME_ZONE = "UTC"
USE_TZ = True
# The tests have handlers of their own.
LOGGING_CONFIG = None
