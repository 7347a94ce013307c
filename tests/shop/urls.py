"""The addresses of the project."""

from django.urls import include, path

urlpatterns = [path("imagemill/", include("imagemill.contrib.django.urls"))]
