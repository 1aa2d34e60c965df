"""A small page behind the gate, asked in process as from any address."""

import json
from functools import lru_cache

import gradio as gr
from fastapi.exceptions import RequestValidationError
from gradio.routes import App

from sharpcli.web.gate.gate import gate_of
from sharpcli.web.gate.refused import invalid
from sharpcli.web.limits import Limits
from sharpcli.web.service import Service
from sharpcli.web.visitors.files import Visits
from tests.helpers.loop import run

USER, PASSWORD = "anna", "correct horse"
ELSEWHERE = "198.51.100.7"
HOST = "192.0.2.1:7860"


class Answer:
    """Status, headers and body of an answer, and how many bytes of the request the server asked for."""

    def __init__(self):
        self.status, self.headers, self.body, self.read = 0, {}, b"", 0

    def json(self):
        return json.loads(self.body)

    @property
    def text(self):
        return self.body.decode()


class Page:
    """Asks an ASGI application; keeps no cookies."""

    def __init__(self, app, stack, visits, auth):
        self.app, self.stack, self.visits, self.auth = app, stack, visits, auth

    def ask(self, method, path, body=b"", address=ELSEWHERE, query="", pieces=None, **headers):
        return run(self._ask(method, path, body, address, query, pieces, headers))

    def post(self, path, body=b"", **settings):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        settings.setdefault("content_type", "application/json")
        return self.ask("POST", path, body, **settings)

    def get(self, path, **settings):
        return self.ask("GET", path, **settings)

    def log_in(self, user=USER, password=PASSWORD, **settings):
        form = f"username={user}&password={password}".encode()
        return self.post("/login", form, content_type="application/x-www-form-urlencoded", **settings)

    async def _ask(self, method, path, body, address, query, pieces, headers):
        headers = {"host": HOST, **{name.replace("_", "-"): value for name, value in headers.items()}}
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "app": self.app, "client": (address, 1), "server": ("192.0.2.1", 7860),
        }  # fmt: skip
        answer, waiting = Answer(), list(pieces or [body])

        async def receive():
            if not waiting:
                return {"type": "http.disconnect"}
            piece = waiting.pop(0)
            answer.read += len(piece)
            return {"type": "http.request", "body": piece, "more_body": bool(waiting)}

        async def send(message):
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            else:
                answer.body += message.get("body", b"")

        self.app.auth = self.auth
        await self.stack(scope, receive, send)
        return answer


@lru_cache
def gradio_app():
    """A page of Gradio's that is not served, made once."""
    with gr.Blocks() as blocks:
        first, second = gr.Image(type="filepath"), gr.Image(type="filepath")
        gr.Button().click(lambda path: path, first, second, api_name="echo")
    blocks.queue(api_open=False)
    blocks.auth = blocks.auth_message = None
    blocks.max_file_size, blocks.theme_css = None, ""
    app = App.create_app(blocks, app_kwargs={"exception_handlers": {RequestValidationError: invalid}})
    blocks.config["body_css"] = {}  # which launch would set
    return app


def page(root, auth=None, host="0.0.0.0", upload=300_000, allowed=()):
    """The page behind a gate of its own; `root` is where its visitors' files are."""
    app, visits = gradio_app(), Visits(root)
    app.uploaded_file_dir = str(root)
    app.user_middleware[2:] = gate_of(
        Service(host, auth=auth, limits=Limits(upload=upload), names=tuple(allowed)), visits
    )
    return Page(app, app.build_middleware_stack(), visits, {auth[0]: auth[1]} if auth else None)


def upload_of(*contents, name="a.png"):
    """The body of an upload, and its content type."""
    parts = [
        b'--x\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n\r\n%s\r\n' % (name.encode(), content)
        for content in contents
    ]
    return b"".join(parts) + b"--x--\r\n", "multipart/form-data; boundary=x"
