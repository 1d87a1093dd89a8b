"""Data that the chapters use, each with its license: offline, but for the full sets of images.

What the course does not ship comes onto this machine with `coursekit data`.
"""

from coursekit.data.cifar10 import CIFAR10_CLASSES, cifar10
from coursekit.data.digits import Digits, digits
from coursekit.data.fashion_mnist import FASHION_MNIST_CLASSES, fashion_mnist
from coursekit.data.images import Images
from coursekit.data.photographs import color_photograph, photograph
from coursekit.data.scenes import SCENE_GARMENTS, Scenes, scenes

__all__ = [
    "CIFAR10_CLASSES",
    "FASHION_MNIST_CLASSES",
    "SCENE_GARMENTS",
    "Digits",
    "Images",
    "Scenes",
    "cifar10",
    "color_photograph",
    "digits",
    "fashion_mnist",
    "photograph",
    "scenes",
]
