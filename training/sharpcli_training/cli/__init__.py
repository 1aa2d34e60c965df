"""What `sharpcli train` offers.

May import every room of training.
"""
