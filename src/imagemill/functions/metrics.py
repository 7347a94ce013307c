"""The functions' metrics: lines in the log that CloudWatch counts by (EMF), by Powertools."""

from collections.abc import Mapping

from imagemill.functions.metric_units import UNITS, Values

NAMESPACE = "imagemill"


def publish(values: Values, dimensions: Mapping[str, str] | None = None) -> None:
    """Write a line of metrics; the name of the stack is a dimension of each, as `service`.

    POWERTOOLS_METRICS_DISABLED keeps quiet.
    """
    from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import (  # noqa: PLC0415  # after the first answer
        AmazonCloudWatchEMFProvider,
    )

    emf = AmazonCloudWatchEMFProvider(namespace=NAMESPACE)
    for name, value in (dimensions or {}).items():
        emf.add_dimension(name, value)
    for metric, several in values.items():
        for one in several:
            emf.add_metric(metric, UNITS[metric], one)
    emf.flush_metrics()
