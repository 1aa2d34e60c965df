"""What the page says, in the visitor's language: a catalogue for each, English being its keys.

Part of `web`; knows no tabs.
"""
