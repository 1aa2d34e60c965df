"""Training of networks that follow a degradation vector, and of the estimator of it: runs of a plan, by the clock.

May import the rest of `fit` and what is below it.
"""
