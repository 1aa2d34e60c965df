"""The training loop and what it needs: losses, optimizers, checkpoints, the teacher's labels.

May import `data`, `networks` and what is below.
"""
