"""The addresses of the project."""

from django.conf import settings
from django.conf.urls.static import static
from django.urls import path

from . import views

urlpatterns = [
    path("", views.wall, name="wall"),
    path("<int:number>/delete", views.delete, name="delete"),
    # The images of LocalStorage; those of a stack have addresses of their own.
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
]
