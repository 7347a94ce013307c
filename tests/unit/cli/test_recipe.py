from fakes.terminal import Terminal, rows


def test_a_recipe_is_explained_preset_by_preset(terminal: Terminal) -> None:
    result = terminal.run("recipe", "thumb=160x160:cover:webp:q75:e0, wide=1600x")

    assert [line.split() for line in result.stdout.splitlines()] == [
        ["preset", "width", "height", "fit", "format", "quality", "effort"],
        ["thumb", "160", "px", "160", "px", "cover", "webp", "75", "0"],
        ["wide", "1600", "px", "any", "inside", "keep", "default", "default"],
    ]


def test_json_is_one_preset_a_line(terminal: Terminal) -> None:
    result = terminal.run("recipe", "thumb=160x120, 500", "--json")

    assert [(row["name"], row["width"], row["height"]) for row in rows(result)] == [
        ("thumb", 160, 120),
        ("500", 500, 500),
    ]


def test_the_edits_of_a_preset_have_a_column_of_their_own(terminal: Terminal) -> None:
    plain = terminal.run("recipe", "500")
    edited = terminal.run("recipe", "500, face=200x200:cover:focus0.4x0.3:gray")

    assert "edits" not in plain.stdout
    assert "edits" in edited.stdout
    assert "focus0.4x0.3 gray" in edited.stdout


def test_all_errors_of_a_recipe_are_on_one_line(terminal: Terminal) -> None:
    result = terminal.run("recipe", "500:blue, x")

    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "'blue'" in result.stderr
    assert "got 'x'" in result.stderr
