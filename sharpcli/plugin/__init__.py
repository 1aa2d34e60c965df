"""What a plugin is made of and how installed ones are found: the classes, the hooks, the registry, cards of weights.

May import `files`; no NumPy on import, because listing what is installed must answer at once.
"""
