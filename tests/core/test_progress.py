from core.progress import duration


def test_durations_are_for_people():
    assert [duration(s) for s in (12, 600, 36000)] == ["12 s", "10 min", "10.0 h"]


def test_durations_change_their_unit_above_a_hundred():
    assert [duration(s) for s in (0.4, 99, 100, 5999, 6000)] == [
        "0 s",
        "99 s",
        "2 min",
        "100 min",
        "1.7 h",
    ]
