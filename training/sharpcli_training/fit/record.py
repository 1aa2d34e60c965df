"""What a run leaves in its folder beside the checkpoint, and what it says."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

from torch.utils.tensorboard import SummaryWriter

from sharpcli_training.fit.checkpoints import Run


class Record:
    """Writes run.json at once, each validation to TensorBoard and `say`, and the curves at the end of the run."""

    def __init__(
        self, folder: Path, run: Run, say: Callable[[str], None], lineage: Mapping[str, str], pack: dict[str, Any]
    ) -> None:
        self.folder, self.run, self.say = folder, run, say
        if run.step:
            say(f"resuming at step {run.step} of {run.recipe.steps}")
        card = {"recipe": asdict(run.recipe), "lineage": dict(lineage), "pack": pack}
        (folder / "run.json").write_text(json.dumps(card, indent=2) + "\n")
        self.board = SummaryWriter(str(folder / "tensorboard"), purge_step=run.step)

    def __enter__(self) -> Record:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.board.close()
        if kind is None:
            draw_curves(self.run.history, self.folder / "curves.png")

    def note(self, pace: float) -> None:
        """Write and say the last entry of the run's history; `pace` is in steps per second."""
        entry, step, steps = self.run.history[-1], self.run.step, self.run.recipe.steps
        for key in ("loss", "psnr"):
            self.board.add_scalar(key, entry[key], step)
        for group in ("dead", "gains"):
            for name, value in entry.get(group, {}).items():
                self.board.add_scalar(f"{group}/{name}", value, step)
        self.say(
            f"step {step}/{steps}  loss {entry['loss']:.5f}  validation {entry['psnr']:.3f} dB "
            f"(input {entry['input']:.2f})  {pace:.1f} steps/s  {(steps - step) / pace / 60:.0f} min left"
        )
        if any(entry["dead"].values()):
            shares = "  ".join(f"{name} {100 * share:.0f} %" for name, share in entry["dead"].items() if share)
            self.say(f"  channels that never fire: {shares}")
        if "gains" in entry:
            self.say("  gains in dB: " + "  ".join(f"{kind} {gain:+.2f}" for kind, gain in entry["gains"].items()))


def draw_curves(history: list[dict[str, Any]], path: Path) -> None:
    """Write a PNG of loss and PSNR (dB) over the steps, with the input's PSNR as a line to beat."""
    from sharpcli_training.drawing import plt

    steps = [entry["step"] for entry in history]
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    left.plot(steps, [entry["loss"] for entry in history])
    left.set(xlabel="step", ylabel="training loss (8-bit levels)", yscale="log")
    right.plot(steps, [entry["psnr"] for entry in history], label="network")
    right.plot(steps, [entry["input"] for entry in history], "--", label="input")
    right.set(xlabel="step", ylabel="validation PSNR, luma (dB)")
    right.legend()
    figure.savefig(path, dpi=110)
    plt.close(figure)
