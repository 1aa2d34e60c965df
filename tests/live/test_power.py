import pytest

from sharpcli.live.power import on_battery

DRAINED = {"type": "Battery", "status": "Discharging", "scope": "System"}


@pytest.mark.parametrize(
    ("supplies", "drained"),
    [
        ({}, False),
        ({"BAT0": DRAINED}, True),
        ({"BAT0": DRAINED, "AC": {"type": "Mains", "online": "0"}}, True),
        ({"BAT0": DRAINED, "AC": {"type": "Mains", "online": "1"}}, False),
        ({"BAT0": {**DRAINED, "status": "Charging"}}, False),
        ({"mouse": {**DRAINED, "scope": "Device"}}, False),
        ({"AC": {"type": "Mains"}}, False),
    ],
)
def test_a_battery_counts_while_it_is_drained_without_mains(tmp_path, supplies, drained):
    for name, said in supplies.items():
        (tmp_path / name).mkdir()
        for key, value in said.items():
            (tmp_path / name / key).write_text(value + "\n")
    assert on_battery(tmp_path) is drained


def test_a_system_that_does_not_say_is_on_mains(tmp_path):
    assert on_battery(tmp_path / "nothing") is False
