"""The addresses of a project that receives no webhooks."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
