from collections.abc import Iterator

import pytest

from benchmarks.correctness_case import Outcome, fault_of
from benchmarks.correctness_edits import EditedCase, edited
from imagemill.imaging import render
from imagemill.recipe import Recipe


def by_edit() -> Iterator[tuple[str, list[EditedCase]]]:
    cases = list(edited())
    for edit in dict.fromkeys(each.edit for each in cases):
        yield edit, [each for each in cases if each.edit == edit]


BY_EDIT = list(by_edit())


@pytest.mark.parametrize(("edit", "cases"), BY_EDIT)
def test_an_edit_gives_the_same_image_in_every_file(edit: str, cases: list[EditedCase]) -> None:
    faults = {
        each.source: fault_of(
            each.case, Outcome(render(each.case.data, Recipe.parse(f"x={edit}")).renditions[0].data)
        )
        for each in cases
    }

    assert len(faults) == 11
    assert {source: fault for source, fault in faults.items() if fault} == {}


@pytest.mark.parametrize(("edit", "cases"), BY_EDIT)
def test_libraries_give_the_same_without_the_sandbox(edit: str, cases: list[EditedCase]) -> None:
    recipe = Recipe.parse(f"x={edit}")
    faults = {
        each.source: fault_of(
            each.case,
            Outcome(render(each.case.data, recipe, sandboxed=False).renditions[0].data),
        )
        for each in cases
        if each.source in ("JPEG 7", "PNG, alpha")
    }

    assert len(faults) == 2
    assert {source: fault for source, fault in faults.items() if fault} == {}
