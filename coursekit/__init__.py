"""Companion package of a course on convolutional networks.

Importing it is cheap: submodules import what they need, torch only where it is used.
"""

__version__ = "0.1.0"
