"""What a file system is asked: paths, walks, atomic writes, locks, archives, remote folders, and the known formats.

Knows nothing of pixels. May import only `errors` and `version`.
"""
