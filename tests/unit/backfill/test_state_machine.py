"""The state machine of backfills logs its failures, and returns little for many originals."""

from fakes.cloudformation import TEMPLATE

MACHINE = TEMPLATE["Resources"]["BackfillStateMachine"]["Properties"]
EVERY_ORIGINAL = MACHINE["Definition"]["States"]["EveryOriginal"]


def test_a_failed_batch_is_logged_without_keys_of_images() -> None:
    logging = MACHINE["LoggingConfiguration"]

    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ERROR", False)


def test_results_of_batches_go_to_a_bucket_that_forgets_them() -> None:
    writer = EVERY_ORIGINAL["ResultWriter"]

    bucket = TEMPLATE["Resources"][writer["Parameters"]["Bucket"]["Ref"]]["Properties"]
    assert bucket["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] == 30
    # Without this option the input of every batch would be written, too.
    assert writer["WriterConfig"]["Transformation"] == "COMPACT"


def test_the_map_returns_nothing_and_a_batch_one_digit() -> None:
    assert EVERY_ORIGINAL["ResultPath"] is None
    assert EVERY_ORIGINAL["ItemProcessor"]["States"]["Done"] == {
        "Type": "Pass",
        "Result": 0,
        "End": True,
    }
