"""Whether the machine runs on its battery."""

from __future__ import annotations

from pathlib import Path

SUPPLIES = Path("/sys/class/power_supply")


def on_battery(supplies: Path = SUPPLIES) -> bool:
    """Whether a battery of this machine is being drained and no mains supply is connected (Linux's power_supply class).

    Where the system does not say so, as outside Linux, it is taken to be on mains.
    """
    try:
        folders = sorted(supplies.iterdir())
    except OSError:
        return False
    found = [(_said(one, "type"), one) for one in folders]
    if any(kind in ("Mains", "USB") and _said(one, "online") == "1" for kind, one in found):
        return False
    # A mouse or headset has a battery too, whose scope is the device.
    return any(
        kind == "Battery" and _said(one, "scope") != "Device" and _said(one, "status") == "Discharging"
        for kind, one in found
    )


def _said(folder: Path, name: str) -> str:
    try:
        return (folder / name).read_text("ascii").strip()
    except (OSError, ValueError):
        return ""
