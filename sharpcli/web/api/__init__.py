"""The HTTP interface for programs: `/api/*` and `/openapi.json`, one request and one answer each.

Part of `web`; FastAPI, without gradio, so that `sharpcli serve` starts without it.
"""
