"""TransformFunction: answers requests for variants that the processed bucket does not have yet."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from imagemill.errors import ImagemillError
from imagemill.functions.logs import begin, logger
from imagemill.functions.metrics import publish
from imagemill.functions.variant_answers import Answer, error_answer, info_answer, variant_answer
from imagemill.functions.variant_requests import VariantRequest
from imagemill.pipeline.concurrency import granted_s
from imagemill.transform.describe import InfoRequest, describe
from imagemill.transform.serve import STORED, Measurements, Server
from imagemill.wiring.isolation import isolate
from imagemill.wiring.transform_function import transform_deps

if TYPE_CHECKING:
    from imagemill.functions.context import LambdaContext
    from imagemill.transform.deps import TransformDeps

# Characters of a path in the log; the longest key of a variant has fewer.
MAX_LOGGED = 400

# Value of `source` in the log for information documents.
INFO = "info"


def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Answer one HTTP request."""
    # First of all: the worker loads its decoders while this process does other work.
    isolate()
    begin(context)
    deps = replace(
        transform_deps(),
        render_timeout_s=lambda: granted_s(context.get_remaining_time_in_millis() / 1000),
    )
    request = VariantRequest.from_event(event)
    return _answer(request, deps).to_gateway(request.method)


def _answer(request: VariantRequest, deps: "TransformDeps") -> Answer:
    """Return the answer; write a log line and metrics."""
    measured, source = Measurements(), None
    try:
        target = request.target()
        if isinstance(target, InfoRequest):
            document = describe(target, request.base_url, deps)
            source, answer = INFO, info_answer(document, target.media_type)
        else:
            variant = Server(target, deps, measured).serve()
            source, answer = variant.source, variant_answer(variant, request)
    except ImagemillError as fault:
        answer = error_answer(fault, request)
    except Exception:  # noqa: BLE001  # the outermost edge
        logger().exception("unexpected error")
        answer = error_answer(ImagemillError("something went wrong on our side"), request)
    _log(request, answer, measured, source)
    _count(answer, source, measured.compiled)
    return answer


def _log(
    request: VariantRequest, answer: Answer, measured: Measurements, source: str | None
) -> None:
    facts = {
        "variant": request.key[:MAX_LOGGED],
        "method": request.method,
        "status": int(answer.status),
        "code": answer.code,
        "source": source,
        "rounds": measured.rounds,
        "render_ms": measured.render_ms,
        "bytes_in": measured.bytes_in,
        "bytes_out": measured.bytes_out,
        "sandbox": measured.sandbox,
    }
    logger().info("variant answered", extra={name: fact for name, fact in facts.items() if fact})


def _count(answer: Answer, source: str | None, compiled: int) -> None:
    if answer.code:
        publish({"VariantProblems": [1]}, {"code": answer.code})
    elif source != INFO:
        publish({"VariantsFound" if source == STORED else "Variants": [1]})
    if compiled:
        publish({"Compilations": [compiled]})
