"""What stands before Gradio: who may ask the page, for what, and with what."""
