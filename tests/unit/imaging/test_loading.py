import subprocess
import sys

import pytest

from imagemill import imaging

WITHOUT_PILLOW = "import sys; sys.modules['PIL'] = None; "


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_PILLOW + code], check=False, capture_output=True, text=True
    )


def test_a_file_is_sniffed_where_pillow_is_not_installed() -> None:
    done = run("from imagemill.imaging.sniff import sniff; print(sniff(b'GIF89a'))")

    assert (done.stdout, done.stderr) == ("gif\n", "")


def test_limits_are_read_where_pillow_is_not_installed() -> None:
    done = run("from imagemill.imaging import DEFAULT_LIMITS; print(DEFAULT_LIMITS.max_side)")

    assert (done.stdout, done.stderr) == ("100000\n", "")


@pytest.mark.parametrize("name", imaging.__all__)
def test_every_name_in_all_can_be_imported(name: str) -> None:
    assert getattr(imaging, name) is not None


def test_other_names_cannot_be_imported() -> None:
    with pytest.raises(AttributeError, match="rendr"):
        imaging.rendr  # type: ignore[attr-defined]  # noqa: B018
