"""What Gradio remembers of a visit goes with it."""

import gradio as gr

from sharpcli.web.visitors.sessions import forget
from tests.web.conftest import client, eventually


def test_a_visit_that_has_ended_is_forgotten_and_others_are_not(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    with gr.Blocks() as page:
        count = gr.State(0)
        gr.Button().click(lambda seen: [seen + 1, seen + 1], count, [count, gr.Number()], api_name="count")
        page.unload(forget)
    page.launch(quiet=True, prevent_thread_lock=True, run_history=False)
    remembered = page.app.state_holder.session_data
    leaving, staying = (client(page.local_url) for _ in range(2))
    try:
        for program in (leaving, staying):
            assert program.predict(api_name="/count") == 1
        assert {leaving.session_hash, staying.session_hash} <= set(remembered)
        leaving.close()
        assert eventually(lambda: set(remembered) == {staying.session_hash})
        assert staying.predict(api_name="/count") == 2
        staying.close()
        assert eventually(lambda: not remembered)
        assert not page.app.state_holder.time_last_used
    finally:
        leaving.close()
        staying.close()
        page.close()
