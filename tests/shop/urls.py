"""The addresses of the project."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
