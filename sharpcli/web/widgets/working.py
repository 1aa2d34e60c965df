"""What is said of a run: how far it is, with a button that stops it, how it ended, and one to start it again."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, TypeVar

import gradio as gr
from gradio.components import Component

from sharpcli.web.tasks.background import Progress
from sharpcli.web.tasks.turns import StoppedError, UselessError
from sharpcli.web.views.result import plain
from sharpcli.web.views.run import bar, stopped
from sharpcli.web.words.say import say

if TYPE_CHECKING:
    from sharpcli.web.context import Page

T = TypeVar("T")

NOW = "(_, ...asked) => [Date.now(), ...asked]"
"""What sets the first input of an event, which is `Working.clock`, to the visitor's time."""


class Working:
    """The widgets; `outputs` are what an event needs that starts a run, with what the methods return for them."""

    def __init__(self, kind: str, invitation: str = "") -> None:
        """Place them; `kind` is that of the runs, and begins their names."""
        self._kind = kind
        with gr.Row(visible=False, equal_height=True, elem_id=f"{kind}-working") as row:
            progress = gr.HTML(elem_id=f"{kind}-bar")
            self._stop = gr.Button(say("Stop"), variant="stop", size="sm", scale=0, elem_id=f"{kind}-stop")
        self.status = gr.Markdown(invitation, elem_id=f"{kind}-status")
        self.again = gr.Button(say("Start again"), visible=False, size="sm", elem_id=f"{kind}-again")
        self.stopped = gr.State(None)
        """What was asked for when it was stopped: what has been asked again meanwhile must not start it anew."""
        self.clock = gr.Number(0, visible=False)
        """First input of the event that starts runs, whose JavaScript is `NOW`: it tells which wish is the newest."""
        self.outputs = [self.status, row, progress, self.again, self.stopped]

    def busy(self, progress: Progress) -> list[Any]:
        """A run goes on."""
        return [progress.text or gr.skip(), gr.Row(visible=True), bar(progress.share), gr.Button(visible=False), None]

    def over(self, text: Any, stopped: Any = None) -> list[Any]:
        """Nothing goes on, and this, as Markdown, is to say; what was asked and `stopped` can be started again."""
        return [text, gr.Row(visible=False), "", gr.Button(visible=stopped is not None), stopped]

    def failed(self, message: str) -> list[Any]:
        """What went wrong, which stays until the next run."""
        return self.over(plain(message))

    def follow(
        self,
        asked: Any,
        steps: Generator[Progress | T],
        during: list[Any],
        ended: Callable[[T], tuple[list[Any], str]],
    ) -> Iterator[list[Any]]:
        """What the event's own outputs and these get at each step of a run for what was asked.

        The own ones are `during` while it goes on, and then what `ended` makes of the result, beside what is to say.
        """
        try:
            with closing(steps):
                for one in steps:
                    if isinstance(one, Progress):
                        yield [*during, *self.busy(one)]
                    else:
                        own, text = ended(one)
                        yield [*own, *self.over(text)]
        except UselessError:  # the next run says more
            yield [*during, *self.over(gr.skip())]
        except StoppedError:
            yield [*during, *self.over(stopped(), stopped=asked)]

    def connect(self, page: Page, asked: list[Component], changes: Sequence[Any]) -> None:
        """Let the button stop a visit's runs, and `changes` of what is `asked` those that are for something else.

        To be called before the event that starts runs is declared: the browser handles events in that order.
        """

        def halt(request: gr.Request) -> None:
            page.runs.stop(str(request.session_hash), self._kind)

        def want(at: float, request: gr.Request, *asked: Any) -> None:
            page.runs.want(str(request.session_hash), self._kind, key(asked), at)

        quiet: dict[str, Any] = {"show_progress": "hidden", "queue": False, "api_visibility": "private"}
        self._stop.click(halt, None, None, **quiet)
        self.again.click(lambda: None, None, self.stopped, **quiet)
        gr.on(changes, want, [self.clock, *asked], None, js=NOW, **quiet)


def key(asked: Any) -> Any:
    """What was asked for as something that can be compared and kept: lists as tuples."""
    return tuple(map(key, asked)) if isinstance(asked, (list, tuple)) else asked
