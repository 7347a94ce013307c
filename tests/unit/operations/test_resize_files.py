from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import pytest
from fakes.cloud import SteppingClock
from fakes.images import encoded, jpeg, png

from imagemill.imaging import Limits, Rendered
from imagemill.operations.find_files import FoundFile
from imagemill.operations.resize_files import Resized, ResizeDeps, labels, resize
from imagemill.recipe import Recipe
from imagemill.recipe_rules import RecipeRules


def bench(recipe: str = "20") -> ResizeDeps:
    return ResizeDeps(RecipeRules.parse(recipe), SteppingClock())


def files(*names: str) -> list[FoundFile]:
    return [FoundFile(Path("/in") / name, PurePosixPath(name)) for name in names]


def shown(found: Sequence[FoundFile], recipe: str = "500") -> list[str]:
    places = labels(found, Path("/out"), RecipeRules.parse(recipe))
    return [place.as_posix() for place in places]


def put(folder: Path, name: str, data: bytes) -> FoundFile:
    (folder / name).write_bytes(data)
    return FoundFile(folder / name, PurePosixPath(name))


def test_every_preset_becomes_a_file(tmp_path: Path) -> None:
    found = put(tmp_path, "a.jpg", jpeg(60, 40))
    out = tmp_path / "out"

    [done] = resize([found], out, bench("20, thumb=10x10:cover:png"))

    assert {one.output for one in done} == {str(out / "a-20.jpg"), str(out / "a-thumb.png")}
    assert sorted(path.name for path in out.iterdir()) == ["a-20.jpg", "a-thumb.png"]


def test_a_result_describes_its_file(tmp_path: Path) -> None:
    found = put(tmp_path, "a.png", png(60, 40))
    out = tmp_path / "out"

    [[one]] = resize([found], out, bench())

    assert one == Resized(
        input=str(found.path),
        status="ready",
        preset="20",
        output=str(out / "a-20.png"),
        width=20,
        height=13,
        format="png",
        bytes=(out / "a-20.png").stat().st_size,
    )


def test_a_rejected_file_does_not_stop_the_others(tmp_path: Path) -> None:
    found = [put(tmp_path, "a.txt", b"hello there"), put(tmp_path, "b.jpg", jpeg())]

    done = {one.input: one for [one] in resize(found, tmp_path / "out", bench())}

    rejected = done[str(tmp_path / "a.txt")]
    assert (rejected.status, rejected.code) == ("rejected", "not_an_image")
    assert (rejected.preset, rejected.output, rejected.bytes) == (None, None, None)
    assert done[str(tmp_path / "b.jpg")].status == "ready"


def test_a_file_that_cannot_be_read_failed(tmp_path: Path) -> None:
    found = FoundFile(tmp_path / "nope.jpg", PurePosixPath("nope.jpg"))

    [[one]] = resize([found], tmp_path / "out", bench())

    assert (one.status, one.code, one.message) == (
        "failed",
        "unreadable",
        "No such file or directory",
    )


def test_a_result_that_cannot_be_written_failed(tmp_path: Path) -> None:
    found = put(tmp_path, "a.jpg", jpeg())
    (tmp_path / "out").write_bytes(b"in the way")

    [[one]] = resize([found], tmp_path / "out", bench())

    assert (one.status, one.code, one.preset) == ("failed", "unwritable", "20")


def test_a_bug_fails_one_file_only(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def broken(_data: bytes, _recipe: Recipe, _limits: Limits) -> Rendered:
        raise ZeroDivisionError

    found = put(tmp_path, "a.jpg", jpeg())

    [[one]] = resize(
        [found],
        tmp_path / "out",
        ResizeDeps(RecipeRules.parse("20"), SteppingClock(), render=broken),
    )

    assert (one.status, one.code, one.message) == ("failed", "internal", "ZeroDivisionError")
    assert "Traceback" in caplog.text


def test_a_file_over_the_limit_is_rejected_unread(tmp_path: Path) -> None:
    found = put(tmp_path, "a.jpg", jpeg())
    small = ResizeDeps(RecipeRules.parse("20"), SteppingClock(), Limits(max_bytes=10))

    [[one]] = resize([found], tmp_path / "out", small)

    assert (one.status, one.code) == ("rejected", "too_many_bytes")


def test_files_that_differ_only_in_extension_get_different_results(tmp_path: Path) -> None:
    found = [
        put(tmp_path, "a.bmp", encoded(60, 40, "BMP")),
        put(tmp_path, "a.jpg", jpeg(40, 60)),
    ]

    done = list(resize(found, tmp_path / "out", bench("20:jpeg")))

    assert len(done) == 2
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "a.bmp-20.jpg",
        "a.jpg-20.jpg",
    ]


def test_a_label_is_the_name_without_its_extension() -> None:
    assert shown(files("holiday/a.b.jpg")) == ["/out/holiday/a.b"]


def test_equal_stems_keep_their_extensions_regardless_of_case() -> None:
    assert shown(files("a.heic", "A.jpg")) == ["/out/a.heic", "/out/A.jpg"]


def test_equal_stems_in_different_folders_do_not_collide() -> None:
    assert shown(files("x/a.jpg", "y/a.png")) == ["/out/x/a", "/out/y/a"]


def test_equal_names_are_numbered() -> None:
    found = [
        FoundFile(Path("/x/a.jpg"), PurePosixPath("a.jpg")),
        FoundFile(Path("/y/a.jpg"), PurePosixPath("a.jpg")),
    ]

    assert shown(found) == ["/out/a.jpg", "/out/a.jpg~2"]


def test_presets_that_look_like_the_end_of_a_name_do_not_collide() -> None:
    assert shown(files("a.jpg", "a-b.jpg"), "b-c=500, c=100") == ["/out/a", "/out/a-b.jpg"]


def test_no_result_overwrites_a_file_to_be_resized(tmp_path: Path) -> None:
    found = [put(tmp_path, "a.jpg", jpeg()), put(tmp_path, "a-500.jpg", jpeg())]

    places = labels(found, tmp_path, RecipeRules.parse("500"))

    assert places == [tmp_path / "a.jpg", tmp_path / "a-500"]


def test_each_file_gets_the_recipe_of_its_relative_name(tmp_path: Path) -> None:
    deps = ResizeDeps(RecipeRules.parse("in/ -> 9, 8; * -> 20"), SteppingClock())
    found = []
    for name in ("in/a.jpg", "b.jpg"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(jpeg())
        found.append(FoundFile(path, PurePosixPath(name)))

    done = [[one.preset for one in of_file] for of_file in resize(found, tmp_path / "out", deps)]

    assert sorted(done) == [["20"], ["9", "8"]]
