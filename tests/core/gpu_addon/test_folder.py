import os

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
