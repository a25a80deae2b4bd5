"""What an application says of its build."""

from core import built


def test_a_checkout_says_nothing_of_a_build():
    assert built.line() == ""


def test_a_frozen_application_tells(monkeypatch, tmp_path):
    monkeypatch.setattr(built, "__file__", str(tmp_path / "core" / "built.pyc"))
    (tmp_path / built.FILE_NAME).write_text("built 2026-11-22 from abc1234\n")
    assert built.line() == "built 2026-11-22 from abc1234"
    (tmp_path / built.FILE_NAME).write_bytes(b"\xff")
    assert built.line() == ""
