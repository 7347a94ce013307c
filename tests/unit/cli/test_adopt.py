"""`imagemill adopt`."""

from pathlib import Path

import pytest
from fakes.terminal import Terminal

from imagemill.cli.adopt import show, words_of
from imagemill.cli.screen import stderr
from imagemill.domain.adoption import EVENTS, NotificationChange, NotificationRule, Notifications
from imagemill.operations.adopt_bucket import AdoptionPlan

OURS = NotificationRule("imagemill:mill:1", "arn:queue", ("s3:ObjectCreated:*",), "in/", ".jpg")
SHOWN = "notification imagemill:mill:1: s3:ObjectCreated:*; prefix 'in/', suffix '.jpg' → arn:queue"


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (NotificationChange(), ["nothing to change", "0 notifications of others not changed"]),
        (
            NotificationChange(add=(OURS,), keep=(OURS,)),
            [
                f"+ {SHOWN}",
                "1 notification of others not changed",
            ],
        ),
        (
            NotificationChange(remove=(OURS,), eventbridge=True),
            [
                f"- {SHOWN}",
                "+ EventBridge gets all events of the bucket",
                "0 notifications of others not changed",
            ],
        ),
        (
            NotificationChange(eventbridge=False),
            [
                "- EventBridge gets no events of the bucket, also for other rules",
                "0 notifications of others not changed",
            ],
        ),
    ],
)
def test_a_change_is_shown_line_by_line(change: NotificationChange, lines: list[str]) -> None:
    plan = AdoptionPlan("photos", change, Notifications())

    assert [sign + text for sign, text in words_of(plan)] == lines


def test_a_change_that_is_printed_as_json_is_shown_before_the_question(
    capsys: pytest.CaptureFixture[str],
) -> None:
    plan = AdoptionPlan("photos", NotificationChange(add=(OURS,)), Notifications())

    show(plan, stderr())

    assert capsys.readouterr().err == f"+ {SHOWN}\n0 notifications of others not changed\n"


def test_the_embedded_aws_must_run_without_a_stack(
    terminal: Terminal, tmp_path_factory: pytest.TempPathFactory
) -> None:
    result = terminal.run("adopt", "photos", "--data-dir", str(tmp_path_factory.mktemp("none")))

    assert result.exit_code == 1
    assert "--stack" in result.stderr


def test_the_page_shows_the_events_that_are_added() -> None:
    page = (Path(__file__).parents[3] / "docs/existing-bucket.md").read_text()

    assert f"+ notification imagemill:imagemill:1: {', '.join(EVENTS)}; prefix" in page
