"""Reviews a change with several models and says only what enough of them stand behind."""

__version__ = "0.1.0"
