import pytest

from tlmri_gui import settings
from tlmri_gui.settings import Settings


def test_what_is_saved_is_read(tmp_path):
    path = tmp_path / "window.json"
    saved = Settings(last_folder="/scans", device="cpu", definition="slice-max", geometry="AAEC")
    settings.save(saved, path)
    assert settings.load(path) == saved
    assert [p.name for p in tmp_path.iterdir()] == ["window.json"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1, 2]", '{"device": 3}', '{"unknown": "x"}', "\x00\xff"],
    ids=["empty", "cut off", "list", "wrong type", "unknown name", "binary"],
)
def test_damage_gives_the_defaults(tmp_path, text):
    path = tmp_path / "window.json"
    path.write_bytes(text.encode("latin-1"))
    assert settings.load(path) == Settings()


def test_the_users_folder_is_where_it_lies(user_folder):
    assert settings.load() == Settings()
    settings.save(Settings(device="cpu"))
    assert (user_folder / "window.json").is_file()
