"""The functions' metrics: log lines in CloudWatch's embedded metric format, by Powertools."""

from collections.abc import Mapping

from imagemill.functions.metric_units import UNITS, Values

NAMESPACE = "imagemill"


def publish(values: Values, dimensions: Mapping[str, str] | None = None) -> None:
    """Write a line of metrics with the dimension `service`, the name of the stack.

    Nothing is written if POWERTOOLS_METRICS_DISABLED is set.
    """
    # Not loaded before the first metrics are written: a cold start is shorter without it.
    from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import (  # noqa: PLC0415
        AmazonCloudWatchEMFProvider,
    )

    emf = AmazonCloudWatchEMFProvider(namespace=NAMESPACE)
    for name, value in (dimensions or {}).items():
        emf.add_dimension(name, value)
    for metric, several in values.items():
        for one in several:
            emf.add_metric(metric, UNITS[metric], one)
    emf.flush_metrics()
