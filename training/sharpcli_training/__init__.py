"""Trains sharpcli's teacher and students; the only place that knows torch."""
