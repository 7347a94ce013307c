"""The page with the form and the photos."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from imagemill.contrib.django.fields import prefetch_images

from .models import Photo

PhotoForm = forms.modelform_factory(Photo, fields=["caption", "image"])


def wall(request: HttpRequest) -> HttpResponse:
    """Show the newest photos, and add the one that the form sends."""
    form = PhotoForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("wall")
    photos = list(Photo.objects.order_by("-pk")[:50])
    prefetch_images(photos, "image")
    is_waiting = any(photo.image.status == "pending" for photo in photos)
    shown = {"form": form, "photos": photos, "is_waiting": is_waiting}
    return render(request, "wall.html", shown)


@require_POST
def delete(_request: HttpRequest, number: int) -> HttpResponse:
    """Delete a photo; its image follows."""
    get_object_or_404(Photo, pk=number).delete()
    return redirect("wall")
