"""The page in the browser, which calls what the command line calls.

May import every room but `cli` and `api`; only here is gradio known.
"""
