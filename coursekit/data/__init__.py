"""Data that the chapters use: all of it offline, each with its license."""

from coursekit.data.digits import Digits, digits
from coursekit.data.photographs import color_photograph, photograph

__all__ = ["Digits", "color_photograph", "digits", "photograph"]
