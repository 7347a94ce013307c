"""The app, as `INSTALLED_APPS` names it."""

from django.apps import AppConfig


class ImagemillConfig(AppConfig):
    """Registers the system checks."""

    name = "imagemill.contrib.django"
    label = "imagemill"
    verbose_name = "imagemill"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks of the settings."""
        from imagemill.contrib.django import checks  # noqa: PLC0415 - after the apps are loaded

        checks.register_all()
