import os
import shutil
from pathlib import Path

import pytest
from fakes import jpegs

from imagemill.imaging.fastjpeg import machine_code, sandbox, wasmtime

SOURCE, CODE = b"module", b"machine code"
DEPLOY = Path(__file__).parents[3] / "deploy"
DATA = jpegs.save(jpegs.scene(801, 603))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return machine_code.path_of(tmp_path)


@pytest.fixture
def written(path: Path) -> Path:
    machine_code.write(SOURCE, CODE, path)
    return path


def module_at(path: Path) -> sandbox.Module:
    library = wasmtime.load()
    assert library is not None
    return sandbox.Module(library, sandbox.source(), path)


def drawn_by(module: sandbox.Module) -> bytes:
    box = sandbox.Sandbox(module)
    box.grant(1 << 40)
    box.decode(DATA, 150, 113, 150, 113)
    return box.draw((0, 0, 801, 603, 100, 75), 4 * 100 * 75)


def test_written_code_is_read_again(written: Path) -> None:
    assert machine_code.read(SOURCE, written) == CODE
    assert list(written.parent.iterdir()) == [written]


def test_nothing_is_read_where_nothing_was_written(path: Path) -> None:
    assert machine_code.read(SOURCE, path) is None


def test_machine_code_of_another_module_is_ignored(written: Path) -> None:
    assert machine_code.read(b"another module", written) is None


@pytest.mark.parametrize("change", [lambda b: b[:-1], lambda b: b + b"\0", lambda b: b"\0" + b[1:]])
def test_a_damaged_file_is_ignored(written: Path, change: object) -> None:
    assert callable(change)
    written.write_bytes(change(written.read_bytes()))

    assert machine_code.read(SOURCE, written) is None


@pytest.mark.parametrize("mode", [0o664, 0o646])
def test_a_file_that_others_may_write_is_ignored(written: Path, tmp_path: Path, mode: int) -> None:
    written.chmod(mode)

    assert machine_code.read(SOURCE, written, program(tmp_path)) is None


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o1777])
def test_a_folder_that_others_may_write_is_ignored(
    written: Path, tmp_path: Path, mode: int
) -> None:
    written.parent.chmod(mode)

    assert machine_code.read(SOURCE, written, program(tmp_path)) is None


def program(folder: Path, *, folder_mode: int = 0o755, mode: int = 0o644) -> Path:
    """Return a Python file in a folder of its own, with these modes."""
    path = folder / "package" / "program.py"
    path.parent.mkdir()
    path.touch()
    path.chmod(mode)
    path.parent.chmod(folder_mode)
    return path


@pytest.mark.parametrize("umask", [0o000, 0o002, 0o022, 0o077])
def test_code_is_read_whatever_the_umask_of_the_program_that_unpacked_it(
    written: Path, tmp_path: Path, umask: int
) -> None:
    source = program(tmp_path, folder_mode=0o777 & ~umask, mode=0o666 & ~umask)
    written.chmod(0o666 & ~umask)
    written.parent.chmod(0o777 & ~umask)

    assert machine_code.read(SOURCE, written, source) == CODE


def test_a_folder_that_more_users_may_write_than_the_source_is_ignored(
    written: Path, tmp_path: Path
) -> None:
    written.parent.chmod(0o777)

    assert machine_code.read(SOURCE, written, program(tmp_path, folder_mode=0o775)) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another group")
def test_a_file_that_another_group_may_write_is_ignored(written: Path, tmp_path: Path) -> None:
    source = program(tmp_path, folder_mode=0o775)
    written.chmod(0o664)
    os.chown(written, -1, 65534)

    assert machine_code.read(SOURCE, written, source) is None


def test_a_link_is_not_followed(written: Path, tmp_path: Path) -> None:
    written.rename(tmp_path / "elsewhere")
    written.symlink_to(tmp_path / "elsewhere")

    assert machine_code.read(SOURCE, written) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_ignored(written: Path) -> None:
    os.chown(written, 65534, 65534)

    assert machine_code.read(SOURCE, written) is None


def test_a_folder_that_cannot_be_written_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").write_text("no folder")

    machine_code.write(SOURCE, CODE, machine_code.path_of(tmp_path))

    assert (tmp_path / "__pycache__").read_text() == "no folder"


def test_the_second_process_loads_the_code_that_the_first_compiled(path: Path) -> None:
    compiled, revived = module_at(path), module_at(path)

    assert (compiled.is_revived, revived.is_revived) == (False, True)
    assert drawn_by(revived) == drawn_by(compiled)


def test_code_that_wasmtime_refuses_is_compiled_again(path: Path) -> None:
    module_at(path)
    good = machine_code.read(sandbox.source(), path)
    assert good is not None
    machine_code.write(sandbox.source(), b"of another wasmtime" + good, path)

    compiled = module_at(path)

    assert not compiled.is_revived
    assert machine_code.read(sandbox.source(), path) == good


def test_code_for_another_processor_is_compiled_again(path: Path) -> None:
    other = "linux-x86_64" if wasmtime.machine() == "aarch64" else "linux-aarch64"
    path.parent.mkdir(0o755)
    shutil.copyfile(DEPLOY / machine_code.path_of(kind=other).name, path)
    path.chmod(0o644)
    before = machine_code.read(sandbox.source(), path)

    compiled = module_at(path)

    assert not compiled.is_revived
    assert before is not None
    assert machine_code.read(sandbox.source(), path) != before
    assert drawn_by(module_at(path)) == drawn_by(compiled)


def test_compiled_modules_are_counted(path: Path) -> None:
    before, pool = sandbox.compilations(), pool_at(path)

    pool.prepare()
    first = sandbox.compilations() - before
    pool_at(path).prepare()

    assert (first, sandbox.compilations() - before) == (1, 1)


def pool_at(path: Path) -> sandbox.SandboxPool[sandbox.Sandbox]:
    """Return the decoder's pool as a new process has it, in a copy of its folder."""
    folder = path.parents[1]
    (folder / "decoder.wasm").write_bytes(sandbox.source())
    return sandbox.SandboxPool(sandbox.Sandbox, folder, "decoder", 0)
