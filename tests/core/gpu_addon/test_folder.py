import os
import sys

import pytest

from core.gpu_addon import folder as folders
from core.gpu_addon.folder import Record, being_made, folder, read_record, remove, write_record

RECORD = Record("2.13.0", "13.0", "cpython-311 linux x86_64")
NO_PROCESS = 2**31 - 1


def left(user_folder) -> list[str]:
    return sorted(path.name for path in user_folder.iterdir())


def test_it_is_there_when_all_went_well(user_folder):
    with being_made() as partial:
        assert not folder().exists()
        write_record(partial, RECORD)
    assert left(user_folder) == ["gpu"]
    assert read_record(folder()) == RECORD


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, RuntimeError])
def test_nothing_is_left_of_what_failed(user_folder, error):
    def fail(partial):
        (partial / "torch").mkdir()
        raise error

    with pytest.raises(error), being_made() as partial:
        fail(partial)
    assert left(user_folder) == []


def test_a_folder_that_cannot_be_written_is_told(user_folder, monkeypatch):
    def refuse(path, **options):
        if path.name.endswith(".part"):
            raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(folders.Path, "mkdir", refuse)
    with pytest.raises(ValueError, match="must be writable, got Permission denied"):
        being_made().__enter__()
    assert left(user_folder) == []


def test_what_the_body_raises_stays_what_it_is(user_folder):
    def fail(partial):
        raise OSError(28, "No space left on device", str(partial / "torch.so"))

    message = r"No space left on device: '.*torch.so'"
    with pytest.raises(OSError, match=message), being_made() as partial:
        fail(partial)
    assert left(user_folder) == []


def test_one_that_came_meanwhile_stays(user_folder):
    with pytest.raises(ValueError, match="must be writable"), being_made():
        (folder() / "torch").mkdir(parents=True)
    assert left(user_folder) == ["gpu"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has rights of another kind")
def test_nobody_else_may_write_to_what_is_made(user_folder):
    before = os.umask(0o002)
    try:
        with being_made() as partial:
            (partial / "torch").mkdir()
            (partial / "torch" / "nn.py").touch()
        assert os.umask(0o002) == 0o002
    finally:
        os.umask(before)
    made = [folder(), *folder().rglob("*")]
    assert len(made) == 3
    assert not any(path.stat().st_mode & 0o022 for path in made)


def test_removed_with_what_others_left(user_folder):
    folder().mkdir()
    (user_folder / f"gpu.{NO_PROCESS}.part" / "torch").mkdir(parents=True)
    (user_folder / f"gpu.{os.getppid()}.part").mkdir()  # of one that still runs
    (user_folder / "gpu.mine.part").mkdir()
    assert remove()
    assert left(user_folder) == sorted([f"gpu.{os.getppid()}.part", "gpu.mine.part"])
    assert not remove()


def test_files_in_use_stay_whole(user_folder, monkeypatch):
    folder().mkdir()
    (folder() / "torch").mkdir()

    def refuse(path, target):
        raise PermissionError(13, "in use by another process", str(path))

    monkeypatch.setattr(folders.Path, "rename", refuse)
    with pytest.raises(ValueError, match="in use by another process: close every window of tlmri"):
        remove()
    assert (folder() / "torch").is_dir()
