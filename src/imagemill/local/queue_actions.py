"""Make the embedded AWS permit batches of queue messages as SQS does.

The permission for a batch is that of the single action, as "Actions, resources, and condition keys
for Amazon SQS" in the Service Authorization Reference lists them. MiniStack 1.5.33 asks for an
action with the name of the request, which no policy has.
"""

from typing import Any

_SINGLE = {
    f"sqs:{action}Batch": f"sqs:{action}"
    for action in ("ChangeMessageVisibility", "DeleteMessage", "SendMessage")
}


def permit_batches(iam_actions: Any) -> None:  # noqa: ANN401  # MiniStack ships no types
    """Have a batch checked as the single action; `iam_actions` is the module that names actions."""
    named = iam_actions.extract_iam_action

    def extract_iam_action(*request: Any, **more: Any) -> str | None:  # noqa: ANN401  # as above
        action: str | None = named(*request, **more)
        return action and _SINGLE.get(action, action)

    iam_actions.extract_iam_action = extract_iam_action
