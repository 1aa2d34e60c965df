"""Clips against their references: frames paired by their times, figures over all frames, and how a result flickers."""
