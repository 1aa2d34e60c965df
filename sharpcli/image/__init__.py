"""Images in memory and what survives with them: reading, writing, metadata, resampling, crops, scratch memory.

May import `files`; independent of `plugin` and `measure`.
"""
