"""A page of its own as a sink: MJPEG over HTTP, on this machine alone, behind a secret in its address."""

from __future__ import annotations

import secrets
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import simplejpeg

from sharpcli.errors import SharpError
from sharpcli.live.slot import Slot
from sharpcli.video.planes import plane

if TYPE_CHECKING:
    from av import VideoFrame

HOST = "127.0.0.1"
NAMES = frozenset({"localhost", HOST})
VIEWERS = 4
QUALITY = 90
BEHIND = 1 << 18
"""Bytes that the system may hold for a viewer: about a frame, so that one who slept sees the present soon."""
PAGE = b"""<!doctype html><meta charset="utf-8"><title>sharpcli camera</title>
<style>body{margin:0;background:#111}img{display:block;width:100vw;height:100vh;object-fit:contain}</style>
<img src="stream.mjpeg" alt="The camera, enhanced">"""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Preview:
    """Serves the newest frame to everybody who knows `address`; frames become JPEG only while somebody looks."""

    patience: float | None = 1.0

    def __init__(self, port: int = 0) -> None:
        """Listen on a port, by default any that is free; raises SharpError where it is taken."""
        self._secret = secrets.token_urlsafe(16)
        self._viewers: set[Slot[bytes]] = set()
        self._lock = threading.Lock()
        try:
            self._server = _Server((HOST, port), _handler(self))
        except (OSError, OverflowError) as error:
            raise SharpError(f"port {port} cannot be listened on; choose another, or none for a free one") from error
        self.address = f"http://{HOST}:{self._server.server_address[1]}/{self._secret}/"
        self.name = f"preview at {self.address}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def write(self, frame: VideoFrame) -> None:
        """Show a frame to all viewers."""
        with self._lock:
            viewers = list(self._viewers)
        if viewers:
            image = jpeg(frame)
            for viewer in viewers:
                viewer.put(image)

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        with self._lock:
            for viewer in self._viewers:
                viewer.close()

    def refused(self, handler: BaseHTTPRequestHandler) -> int:
        """The status with which a request is refused, by the rules of the page's gate; 0 where it may come in."""
        host = handler.headers.get("Host", "").rpartition(":")[0] or handler.headers.get("Host", "")
        if host not in NAMES or handler.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            return 403
        given = handler.path.split("/")[1].encode()
        if not secrets.compare_digest(given, self._secret.encode()):
            return 403
        return 0 if handler.path.split("/")[2:] in ([""], ["stream.mjpeg"]) else 404

    def enter(self) -> Slot[bytes] | None:
        """A slot of frames for one more viewer; None where there are enough."""
        with self._lock:
            if len(self._viewers) >= VIEWERS:
                return None
            viewer: Slot[bytes] = Slot()
            self._viewers.add(viewer)
            return viewer

    def leave(self, viewer: Slot[bytes]) -> None:
        """Forget one."""
        with self._lock:
            self._viewers.discard(viewer)


def jpeg(frame: VideoFrame) -> bytes:
    """A frame as JFIF has it: full range, BT.601, 4:2:0."""
    full = frame.reformat(format="yuvj420p", dst_colorspace="ITU601", dst_color_range="JPEG")
    luma, blue, red = (plane(full, index).copy() for index in range(3))
    return bytes(simplejpeg.encode_jpeg_yuv_planes(luma, blue, red, QUALITY))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a viewer who has left is no failure."""


def _handler(preview: Preview) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 60  # seconds that a viewer may sleep before it has to come again

        def do_GET(self) -> None:
            """Answer a viewer."""
            if status := preview.refused(self):
                self.send_error(status)
            elif self.path.endswith("/"):
                self._begin("text/html; charset=utf-8")
                self.wfile.write(PAGE)
            elif (viewer := preview.enter()) is None:
                self.send_error(503, f"{VIEWERS} are looking already")
            else:
                try:
                    self._stream(viewer)
                except OSError:  # the viewer has left
                    pass
                finally:
                    preview.leave(viewer)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

        def _stream(self, viewer: Slot[bytes]) -> None:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BEHIND)
            self._begin("multipart/x-mixed-replace; boundary=frame")
            while (image := viewer.take()) is not None:
                self.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(image))
                self.wfile.write(image + b"\r\n")

        def _begin(self, kind: str) -> None:
            self.send_response(200)
            for name, value in {"Content-Type": kind, **HEADERS}.items():
                self.send_header(name, value)
            self.end_headers()

    return Handler
