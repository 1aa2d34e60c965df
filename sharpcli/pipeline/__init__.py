"""One image through one enhancer: the guarded call, tiles, the memory budget, and the spec that names an enhancer.

May import `plugin`, `image`, `measure` and what is below; independent of `inference`.
"""
