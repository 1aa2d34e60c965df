"""The failures a user can cause."""


class SharpError(Exception):
    """Says in one line what was wrong and what would be right."""


class ImageError(SharpError):
    """One image cannot be read or written; the others of a batch are not concerned."""
