import pytest
from fakes.backfill import FakeBackfillStack
from fakes.cloud import FakeCloud
from fakes.terminal import Terminal, rows

from imagemill.costs.pace import assumed
from imagemill.domain.backfill_run import BackfillRun
from imagemill.domain.reconciliation import EVERYTHING, Concern


@pytest.fixture
def stack() -> FakeBackfillStack:
    return FakeBackfillStack()


@pytest.fixture
def terminal(stack: FakeBackfillStack) -> Terminal:
    cloud = FakeCloud()
    cloud.backfills = stack
    return Terminal(cloud)


def test_a_dry_run_prints_the_work_and_starts_nothing(
    terminal: Terminal, stack: FakeBackfillStack
) -> None:
    stack.add_original("a.jpg")
    stack.add_image("b.jpg", recipe="another")

    result = terminal.run("backfill", "--dry-run")

    assert result.exit_code == 0
    for words in ("unrecorded", "stale", "objects", "bytes", "seconds", "dollars", "us-east-1"):
        assert words in result.stdout
    assert (stack.runs.log, stack.runs.last) == ([], None)


def test_a_dry_run_as_json_has_every_figure(terminal: Terminal, stack: FakeBackfillStack) -> None:
    stack.add_original("a.jpg", size=700_000)

    [facts] = rows(terminal.run("backfill", "--dry-run", "--json"))

    assert (facts["due"], facts["objects"], facts["bytes"]) == ({"unrecorded": 1}, 1, 700_000)
    assert facts["dollars"] == pytest.approx(sum(facts["bill"].values()), abs=1e-8)
    assert facts["seconds"] == pytest.approx((assumed().at(2) + 10) / 1000 / 2, abs=0.0005)


def test_a_list_names_each_image_with_its_reason(
    terminal: Terminal, stack: FakeBackfillStack
) -> None:
    stack.add_original("new\n.jpg")
    stack.add_image("b.jpg", recipe="another")

    lines = terminal.run("backfill", "--dry-run", "--list").stdout.splitlines()
    *images, figures = rows(terminal.run("backfill", "--dry-run", "--list", "--json"))

    assert {"unrecorded  new\\n.jpg", "stale       b.jpg"} <= set(lines)
    assert {(image["why"], image["key"]) for image in images} == {
        ("unrecorded", "new\n.jpg"),
        ("stale", "b.jpg"),
    }
    assert figures["objects"] == 2


def test_without_work_one_message_is_printed(terminal: Terminal, stack: FakeBackfillStack) -> None:
    stack.add_image("a.jpg")

    result = terminal.run("backfill")

    assert (result.exit_code, stack.runs.log) == (0, [])
    assert "there is nothing to do" in result.stderr


def test_images_are_processed_and_the_result_is_printed(
    terminal: Terminal, stack: FakeBackfillStack
) -> None:
    stack.add_original("a.jpg")

    result = terminal.run("backfill", "--json")

    [facts] = rows(result)
    assert result.exit_code == 0
    assert (facts["end"], facts["mended"], facts["left"]) == ("done", 1, 0)


@pytest.mark.parametrize(
    ("words", "concerns"),
    [
        ([], EVERYTHING),
        (["--stale", "--missing"], EVERYTHING),
        (["--stale"], frozenset({Concern.STALE})),
    ],
)
def test_options_select_the_concerns(
    terminal: Terminal, stack: FakeBackfillStack, words: list[str], concerns: frozenset[Concern]
) -> None:
    stack.add_image("a.jpg", recipe="another")

    terminal.run("backfill", *words)

    assert stack.runs.last is not None
    assert stack.runs.last.concerns == concerns


def test_a_budget_that_is_too_small_begins_nothing(
    terminal: Terminal, stack: FakeBackfillStack
) -> None:
    stack.add_original("a.jpg")

    result = terminal.run("backfill", "--budget", "0.000001")

    assert (result.exit_code, stack.runs.log) == (1, [])
    assert "more than the budget of $0.000001" in result.stderr


def test_ctrl_c_stops_a_backfill_and_resume_continues_it(
    terminal: Terminal, stack: FakeBackfillStack
) -> None:
    stack.add_original("a.jpg")
    stack.interrupt = True
    stopped = terminal.run("backfill", "--prefix", "a", "--budget", "3")
    stack.interrupt = False

    resumed = terminal.run("backfill", "--resume", "--json")

    assert (stopped.exit_code, stack.runs.log[1]) == (1, "stop backfill")
    assert "--resume continues" in stopped.stderr
    assert (resumed.exit_code, rows(resumed)[0]["end"]) == (0, "done")
    assert stack.runs.last is not None
    assert (stack.runs.last.prefix, stack.runs.last.budget) == ("a", 3)


def test_the_budget_covers_the_resumed_runs_too(
    terminal: Terminal, stack: FakeBackfillStack
) -> None:
    stack.add_original("a.jpg")
    stack.runs.last = BackfillRun("former", "", EVERYTHING, budget=1, spent=1)

    result = terminal.run("backfill", "--resume")

    assert (result.exit_code, stack.runs.log) == (1, [])
    assert "with $1.00 already spent" in result.stderr


def test_resume_without_an_earlier_run_is_refused(terminal: Terminal) -> None:
    result = terminal.run("backfill", "--resume")

    assert result.exit_code == 1
    assert "nothing to resume" in result.stderr


def test_a_second_backfill_is_refused_and_the_running_one_can_be_followed(
    terminal: Terminal, stack: FakeBackfillStack
) -> None:
    stack.add_original("a.jpg")
    stack.runs.last, stack.runs.sending = BackfillRun("former", "", EVERYTHING), True
    stack.waiting.append("a.jpg")

    refused = terminal.run("backfill")
    followed = terminal.run("backfill", "--resume", "--json")

    assert (refused.exit_code, "is running" in refused.stderr) == (1, True)
    assert rows(followed)[0]["run"] == "former"
    assert stack.runs.log == []


def test_images_that_are_left_give_exit_code_1(
    terminal: Terminal, stack: FakeBackfillStack
) -> None:
    stack.add_original("a.jpg")
    stack.is_broken = True

    result = terminal.run("backfill")

    assert result.exit_code == 1
    assert "0 done, 1 left" in result.stderr


def test_a_backfill_through_the_api_is_refused() -> None:
    result = Terminal().run("backfill", "--api", "http://127.0.0.1:9")

    assert result.exit_code == 2


# More than a search reads at once: the command estimates the work from a sample first.
MANY = 2_001


@pytest.fixture
def many(stack: FakeBackfillStack) -> FakeBackfillStack:
    for number in range(MANY):
        stack.add_original(f"{number:04}.jpg")
    stack.at_once = MANY
    return stack


def test_with_many_originals_messages_are_sent_before_the_search_has_ended(
    terminal: Terminal, many: FakeBackfillStack
) -> None:
    result = terminal.run("backfill", "--json")

    [facts] = rows(result)
    assert (facts["end"], facts["mended"], facts["left"]) == ("done", MANY, 0)
    assert facts["first_estimate"]["objects"] == pytest.approx(MANY, rel=0.01)
    assert facts["messages"] == MANY + many.deps.backlog
    assert len(many.sent) == many.deps.backlog
    assert many.runs.log == ["start backfill '' 40"]


@pytest.mark.parametrize("words", [["--dry-run"], ["--budget", "0.01"]])
def test_nothing_is_sent_for_many_originals_without_consent(
    terminal: Terminal, many: FakeBackfillStack, words: list[str]
) -> None:
    terminal.run("backfill", *words)

    assert (many.sent, many.runs.log, many.runs.last) == ([], [], None)


def test_ctrl_c_during_the_search_stops_a_backfill_and_resume_continues_it(
    terminal: Terminal, many: FakeBackfillStack
) -> None:
    many.interrupt_after = 20
    stopped = terminal.run("backfill", "--budget", "3")
    many.interrupt_after = None
    last = many.runs.last

    resumed = terminal.run("backfill", "--resume")

    assert (stopped.exit_code, resumed.exit_code) == (1, 0)
    assert "counted 2,001 originals" in stopped.stderr
    assert "--resume continues" in stopped.stderr
    assert many.runs.permissions[1].startswith("1970")
    assert last is not None
    assert last.spent > 0
    assert "about 2,0" in resumed.stdout
    assert f"objects  {MANY:,} to process" in resumed.stdout


def test_few_images_of_many_originals_need_no_state_machine(
    terminal: Terminal, stack: FakeBackfillStack
) -> None:
    for number in range(MANY):
        stack.add_image(f"{number:04}.jpg")
    nothing, run_of_nothing = terminal.run("backfill"), stack.runs.last
    stack.add_original("0000.jpeg")

    [facts] = rows(terminal.run("backfill", "--json"))

    assert "there is nothing to do" in nothing.stderr
    assert run_of_nothing is None
    assert (facts["messages"], facts["mended"], facts["end"]) == (1, 1, "done")
    assert stack.runs.log == []


def test_an_error_code_that_no_image_can_have_is_refused(terminal: Terminal) -> None:
    result = terminal.run("backfill", "--rejected", "too_many_pixel", "corrupt")

    assert result.exit_code == 2
    assert "too_many_pixels, unsupported_format, got too_many_pixel" in result.stderr
