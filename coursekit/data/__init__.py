"""Data that the chapters use: all of it offline, each with its license."""

from coursekit.data.photographs import photograph

__all__ = ["photograph"]
