from pathlib import Path

import pytest

from core import atomic


def test_writes_and_replaces(tmp_path):
    path = tmp_path / "new" / "file.txt"
    atomic.write_bytes(path, b"one")
    atomic.write_bytes(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


def test_failure_keeps_the_old_file_and_leaves_nothing(tmp_path, monkeypatch):
    path = tmp_path / "file.txt"
    path.write_bytes(b"old")

    def full(self, data):
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ValueError, match=r"file.txt: must be writable, got No space left"):
        atomic.write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(ValueError, match=r"taken.file\.txt: must be writable, got"):
        atomic.write_bytes(tmp_path / "taken" / "file.txt", b"new")


def test_a_read_only_disk_is_named(tmp_path, monkeypatch):
    """Such a disk refuses to remove even what is not there."""

    def refuse(self, *args, **kwargs):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(ValueError, match=r"file\.txt: must be writable, got Read-only file system"):
        atomic.write_bytes(tmp_path / "file.txt", b"new")


def test_what_others_write_appears_whole(tmp_path):
    path = tmp_path / "new" / "file.txt"
    with atomic.replacing(path) as partial:
        partial.write_bytes(b"half")
        assert not path.exists()
        assert partial.parent == path.parent
    assert path.read_bytes() == b"half"
    assert list(path.parent.iterdir()) == [path]


def test_what_others_fail_to_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "file.txt"
    path.write_bytes(b"old")

    def fail():
        with atomic.replacing(path) as partial:
            partial.write_bytes(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
