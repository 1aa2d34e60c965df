"""Many files at once: the plan, the jobs, where they run, what is resumed, and the report.

May import `pipeline`, `inference` and what is below; independent of `scoring`.
"""
