"""Networks in torch that read like the figures of their papers, and tables of what they cost."""

from coursekit.models.alexnet import alexnet
from coursekit.models.cifar_resnet import cifar_resnet
from coursekit.models.fcn import Fcn, fcn
from coursekit.models.from_pattern import parse
from coursekit.models.from_reference import copy_weights
from coursekit.models.googlenet import GoogLeNet, googlenet
from coursekit.models.grammar import PatternError, read_pattern
from coursekit.models.inception import Inception, Widths
from coursekit.models.lenet import lenet5
from coursekit.models.lenet_1998 import lenet5_1998
from coursekit.models.residual import Residual, start_as_identity
from coursekit.models.resnet import resnet
from coursekit.models.resnet9 import resnet9
from coursekit.models.summary import Summary, summary
from coursekit.models.vgg import vgg
from coursekit.models.whitened_resnet import whitened_resnet
from coursekit.models.zfnet import zfnet

__all__ = [
    "Fcn",
    "GoogLeNet",
    "Inception",
    "PatternError",
    "Residual",
    "Summary",
    "Widths",
    "alexnet",
    "cifar_resnet",
    "copy_weights",
    "fcn",
    "googlenet",
    "lenet5",
    "lenet5_1998",
    "parse",
    "read_pattern",
    "resnet",
    "resnet9",
    "start_as_identity",
    "summary",
    "vgg",
    "whitened_resnet",
    "zfnet",
]
