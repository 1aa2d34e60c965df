"""What stands before Gradio: who may ask the page, for what, and with what.

Part of `web`; an ASGI application that knows HTTP, not images.
"""
