"""Which step of the ladder the next frame takes, so that the processor's share and the frame's time are kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from sharpcli.live.power import on_battery as power_says
from sharpcli.live.steps import Step
from sharpcli.measure.cores import cores

WINDOW, FRAMES = 1.0, 5
"""Seconds, and at least so many frames, over which times and load are taken."""
PATIENCE = 2
"""Windows in a row that must ask for less before a step down: one may be some other program's doing."""
HURRY = 2.0
"""How many times over the limit a window must be for a step down at once."""
CALM = 5.0
"""Seconds that must have gone well before a step up."""
ROOM = 0.85
"""The share of each limit that a better step may need: one that just fits would be given up again."""
RETRY, LONGEST = 120.0, 1920.0
"""Seconds after which a step that used too much of the processor is tried again: twice as long each time, at most the
longest."""
SOON = 20.0
"""The first of these waits where frames were late though the processor's share was kept: other programs pass."""
BATTERY = 0.5
"""How much of the processor's share is used on battery."""
LOOK = 10.0
"""Seconds between looks at the battery."""


@dataclass
class _Cost:
    """What a frame of a step took at last: seconds, processor's seconds, when that was; and the wait until a retry."""

    seconds: float
    cpu: float
    at: float
    wait: float = RETRY


class Governor:
    """Chooses among `steps`, the best first: down where a limit is passed, up again where there was room for a while.

    `cpu_share` is that of all `processors` which this process may use, over `WINDOW` seconds; `frame_seconds` is the
    time a frame may take. A step's cost is remembered, so one that proved too much is not taken up again for a while.
    `clock` and `cpu_clock` count seconds, and this process's seconds of processor time. `tell` is given each change and
    its reason, in words; `say` puts values into a sentence, maybe in another language. Not for several threads at a
    time.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        cpu_share: float = 0.5,
        frame_seconds: float = 1 / 30,
        clock: Callable[[], float] = time.perf_counter,
        cpu_clock: Callable[[], float] = time.process_time,
        on_battery: Callable[[], bool] = power_says,
        *,
        start: int = 0,
        processors: int | None = None,
        tell: Callable[[str], None] = lambda sentence: None,
        say: Callable[..., str] = str.format,
    ) -> None:
        self.steps, self.index, self.frame_seconds, self.reason = tuple(steps), start, frame_seconds, ""
        self.cpu = 0.0
        """The share of all cores in use, over the last window."""
        self._share, self._cores = cpu_share, processors or cores()
        self._clock, self._cpu_clock, self._battery_says, self._tell = clock, cpu_clock, on_battery, tell
        self.say = say
        self._costs: dict[int, _Cost] = {}
        self._battery, self._looked = on_battery(), clock()
        self._over, self._calm, self._risen = 0, clock(), -RETRY
        self._open()
        if self._battery:
            self._note(self._power())

    @property
    def step(self) -> Step:
        """The step for the next frame."""
        return self.steps[self.index]

    @property
    def allowed(self) -> float:
        """The share of the cores that may be used now: less on battery."""
        return self._share * (BATTERY if self._battery else 1)

    def expect(self, index: int, seconds: float, cpu_seconds: float) -> None:
        """Remember what a frame of a step was measured to take before it was used."""
        load = cpu_seconds / self.frame_seconds / self._cores
        self._costs[index] = _Cost(seconds, cpu_seconds, self._clock(), SOON if load <= self.allowed else RETRY)

    def begin(self) -> None:
        """Start with the best step that is expected to fit, and say so; what was measured so far was loading."""
        steps, rate = range(len(self.steps)), 1 / self.frame_seconds
        self.index = next((one for one in steps if self._fits(one, rate) is not False), steps[-1])
        if self.index:
            why = self._too_much(self.index - 1)
            self._note(self.say("begin with {step}: {why}", step=self.step.name, why=why))
        else:
            self._note(self.say("begin with {step}", step=self.step.name))
        self._calm = self._clock()
        self._open()

    def took(self, seconds: float) -> None:
        """Be told that the last frame took so long from when it was begun until it was done."""
        self._times.append(seconds)
        now = self._clock()
        if now - self._began < WINDOW or len(self._times) < FRAMES:
            return
        cpu_seconds = self._cpu_clock() - self._cpu_began
        self.cpu = cpu_seconds / (now - self._began) / self._cores
        rate = len(self._times) / (now - self._began)
        self._look(now)
        usual = median(self._times)
        wait = self._costs[self.index].wait if self.index in self._costs else RETRY
        self._costs[self.index] = _Cost(usual, cpu_seconds / len(self._times), now, wait)
        self._judge(usual, rate, now)
        self._open()

    def _judge(self, usual: float, rate: float, now: float) -> None:
        load, late = self.cpu / self.allowed, usual / self.frame_seconds
        if max(load, late) > 1:
            self._over += 1
            self._calm = now
            if (self._over >= PATIENCE or max(load, late) > HURRY) and self.index + 1 < len(self.steps):
                self._down(self._why(usual, load >= late), rate, now)
            return
        self._over = 0
        if self.index == 0:
            return
        if max(load, late) > ROOM:
            self._calm = now
        elif now - self._calm >= CALM and self._may_rise(rate, now):
            self.index -= 1
            self._calm = self._risen = now
            self._note(self.say("up to {step}: {why}", step=self.step.name, why=self._in_use()))

    def _down(self, why: str, rate: float, now: float) -> None:
        cost = self._costs[self.index]
        cost.wait = min(LONGEST, cost.wait * 2) if self._tried(now) else SOON if self.cpu <= self.allowed else RETRY
        below = range(self.index + 1, len(self.steps))
        # Past the steps that are known not to fit; what was never tried may.
        self.index = next((one for one in below if self._fits(one, rate) is not False), below[-1])
        self._over = 0
        self._note(self.say("down to {step}: {why}", step=self.step.name, why=why))

    def _tried(self, now: float) -> bool:
        """Whether the step was taken up only just, and so its retry failed."""
        return now - self._risen < CALM + PATIENCE * WINDOW

    def _may_rise(self, rate: float, now: float) -> bool:
        cost = self._costs.get(self.index - 1)
        return cost is None or now - cost.at >= cost.wait or self._fits(self.index - 1, rate) is True

    def _fits(self, index: int, rate: float) -> bool | None:
        """Whether a step's cost is within both limits with room to spare; None where it is not known."""
        cost = self._costs.get(index)
        if cost is None:
            return None
        share = cost.cpu * rate / self._cores
        return share <= ROOM * self.allowed and cost.seconds <= ROOM * self.frame_seconds

    def _look(self, now: float) -> None:
        if now - self._looked < LOOK:
            return
        self._looked = now
        battery = self._battery_says()
        if battery != self._battery:
            self._battery = battery
            self._note(self._power())

    def _why(self, usual: float, load: bool) -> str:
        if load:
            return self._in_use()
        took, most = f"{usual * 1000:.0f}", f"{self.frame_seconds * 1000:.0f}"
        return self.say("a frame takes {took} ms, {most} ms allowed", took=took, most=most)

    def _in_use(self) -> str:
        used, most = f"{self.cpu:.0%}", f"{self.allowed:.0%}"
        return self.say("{used} of the processor in use, {most} allowed", used=used, most=most)

    def _too_much(self, index: int) -> str:
        """Why a step does not fit."""
        cost, name = self._costs[index], self.steps[index].name
        load = cost.cpu / self.frame_seconds / self._cores
        if load > ROOM * self.allowed:
            part, most = f"{load:.0%}", f"{ROOM * self.allowed:.0%}"
            return self.say(
                "{step} needs {part} of the processor, at most {most} to begin with", step=name, part=part, most=most
            )
        took, most = f"{cost.seconds * 1000:.0f}", f"{ROOM * self.frame_seconds * 1000:.0f}"
        return self.say(
            "a frame of {step} takes {took} ms, at most {most} ms to begin with", step=name, took=took, most=most
        )

    def _power(self) -> str:
        most = f"{self.allowed:.0%}"
        if self._battery:
            return self.say("on battery: {most} of the processor allowed", most=most)
        return self.say("on mains: {most} of the processor allowed", most=most)

    def _note(self, sentence: str) -> None:
        self.reason = sentence
        self._tell(sentence)

    def _open(self) -> None:
        """Begin a new window."""
        self._began, self._cpu_began, self._times = self._clock(), self._cpu_clock(), list[float]()
