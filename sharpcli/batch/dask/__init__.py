"""A batch on the machines of a Dask cluster.

Part of `batch`; only here is `distributed` imported.
"""
