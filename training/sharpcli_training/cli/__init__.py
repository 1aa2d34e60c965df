"""The commands of `sharpcli train`; may import every other package of sharpcli_training."""
