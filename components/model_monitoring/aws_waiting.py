"""What waits beside a model: records of a stream that nobody has read, letters that nobody could deliver. Pure."""

from __future__ import annotations

from components.model_monitoring.aws_metrics import QueueMetrics, StreamMetrics
from components.model_monitoring.aws_plain_alarm import above_threshold
from components.monitoring.aws_alarms import Alarm, Metric


def lag(of: StreamMetrics) -> Alarm:
    """The worker does not keep up: in time, or in messages of a topic."""
    if of.kind == "msk":
        behind = Metric(
            namespace="AWS/Lambda",
            name="OffsetLag",
            statistic="Maximum",
            dimensions={"FunctionName": str(of.function)},
        )
        says = f"The worker has been more than {of.behind_messages} messages behind its topic for 15 minutes."
        return above_threshold("lag", says, behind, above=of.behind_messages)
    says = f"The worker has been more than {of.behind_s} s behind its stream for 15 minutes."
    return above_threshold("lag", says, _kinesis_age(of), above=of.behind_s * 1000)


def _kinesis_age(of: StreamMetrics) -> Metric:
    """How old a record is when it is read, in milliseconds: as the function tells, or Kinesis where pods read."""
    if of.function:
        return Metric(
            namespace="AWS/Lambda",
            name="IteratorAge",
            statistic="Maximum",
            dimensions={"FunctionName": of.function},
        )
    return Metric(
        namespace="AWS/Kinesis",
        name="GetRecords.IteratorAgeMilliseconds",
        statistic="Maximum",
        dimensions={"StreamName": of.stream},
    )


def dead_letters(of: QueueMetrics) -> Alarm:
    """Something lies in a queue of dead letters."""
    waiting = Metric(
        namespace="AWS/SQS",
        name="ApproximateNumberOfMessagesVisible",
        statistic="Maximum",
        dimensions={"QueueName": of.queue},
    )
    says = f"Some {of.holds} that failed for good lie in the queue of dead letters: look why, then send them again."
    # SQS stops telling of a queue that nobody used for six hours; what lies in it still lies there.
    return above_threshold(f"dead-{of.holds}", says, waiting, above=0, periods=1, breaching=1, silence="ignore")
