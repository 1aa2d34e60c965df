"""The page's colours and fonts, and what its HTML head says of it."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

HERE = Path(__file__).parent
STYLES = sorted((HERE / "styles").glob("*.css"))
ACCESSIBLE = (HERE / "widgets" / "accessible.js").read_text("utf-8")
ICON = HERE / "icon.png"
"""For browser tabs and home screens; drawn by examples/page_icon.py."""
HEAD = '<meta name="theme-color" content="#0f766e"><link rel="apple-touch-icon" href="pwa_icon/192">'
FONT = ("system-ui", "sans-serif")
MONO = ("ui-monospace", "monospace")


def theme() -> gr.Theme:
    """System fonts, since the page fetches nothing from outside, and the contrast that WCAG 2.2 AA asks for."""
    colors = gr.themes.colors
    default = gr.themes.Default(primary_hue=colors.teal, neutral_hue=colors.slate, font=FONT, font_mono=MONO)
    return default.set(
        body_text_color_subdued="*neutral_600",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
        color_accent="*primary_700",  # page.css has the one for dark
        checkbox_background_color_selected_dark="*primary_600",
        checkbox_border_color_selected_dark="*primary_600",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_dark="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_hover_dark="*primary_800",
        button_cancel_background_fill=colors.red.c700,
        button_cancel_background_fill_hover=colors.red.c800,
    )
