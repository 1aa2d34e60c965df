"""The contract of an enhancer as tests of pytest: `pytest --sharpcli-enhancer NAME`."""
