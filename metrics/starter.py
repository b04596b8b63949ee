"""The targets and owners of P8 to begin with."""


def load() -> None:
    """Add what is missing."""
