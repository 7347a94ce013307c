"""The rows of the comparison with other tools."""

import pytest

from benchmarks.corpus import KINDS
from benchmarks.peers import peer_names
from benchmarks.rows import GROUPS, ROWS, Row, select
from benchmarks.tools.serve import TOOLS
from benchmarks.with_peers import TITLES
from imagemill.imaging.plan import DEFAULT_QUALITIES


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_names_files_and_tools_that_exist(row: Row) -> None:
    assert row.files in KINDS
    assert set(row.tools) <= {*TOOLS, *peer_names()}
    assert row.tools[:2] == ("imagemill", "deployed")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_image_of_a_row_has_the_quality_that_imagemill_would_choose(row: Row) -> None:
    chosen = {str(to): quality for to, quality in DEFAULT_QUALITIES.items()}
    chosen["keep"] = DEFAULT_QUALITIES["webp"]

    assert {each.quality for each in row.targets if each.quality != chosen[each.format]} == set()


def test_a_row_has_a_name_of_its_own() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)


def test_every_group_has_a_title() -> None:
    assert set(TITLES) == set(GROUPS)


def test_a_group_selects_its_rows_in_order() -> None:
    assert [row.targets[0].width for row in select(["web"])] == [800, 1280, 2048]
