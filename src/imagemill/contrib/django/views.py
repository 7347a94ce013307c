"""The view that receives webhooks."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from imagemill import webhooks
from imagemill.contrib.django import tracking
from imagemill.contrib.django.storages import as_image_storage, image_storage
from imagemill.errors import ImagemillError

_log = logging.getLogger("imagemill.contrib.django")


@csrf_exempt
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    """Renew the state of the image that a webhook names: 204.

    The answer is 400 for a request that the stack has not signed, and 503 if the API does not tell
    the state: the stack then sends the webhook again.
    """
    storage = as_image_storage(image_storage())
    if not storage.webhook_secrets:
        raise ImproperlyConfigured("the option `webhook_secrets` of the storage is empty")
    header = request.headers.get(webhooks.SIGNATURE_HEADER)
    try:
        event = webhooks.verify(request.body, header, storage.webhook_secrets)
        key = _key_in(event.detail)
    except webhooks.WebhookInvalid as fault:
        return JsonResponse({"code": fault.code}, status=HTTPStatus.BAD_REQUEST)
    try:
        tracking.hear(key, storage)
    except ImagemillError as fault:
        _log.warning("a webhook waits for the state of its image: %s", fault)
        return JsonResponse({"code": fault.code}, status=HTTPStatus.SERVICE_UNAVAILABLE)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _key_in(detail: Mapping[str, Any]) -> str:
    try:
        return str(detail["image"]["key"])
    except (KeyError, TypeError) as fault:
        raise webhooks.BodyMalformed("expected the record of an image") from fault
