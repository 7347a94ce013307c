"""The address of the webhook view, to be included in the project's addresses."""

from django.urls import path

from imagemill.contrib.django.views import webhook

app_name = "imagemill"
urlpatterns = [path("webhook/", webhook, name="webhook")]
