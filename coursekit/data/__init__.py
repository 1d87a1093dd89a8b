"""Data that the chapters use: all of it offline, each with its license."""

from coursekit.data.digits import Digits, digits
from coursekit.data.fashion_mnist import FASHION_MNIST_CLASSES, fashion_mnist
from coursekit.data.images import Images
from coursekit.data.photographs import color_photograph, photograph

__all__ = [
    "FASHION_MNIST_CLASSES",
    "Digits",
    "Images",
    "color_photograph",
    "digits",
    "fashion_mnist",
    "photograph",
]
