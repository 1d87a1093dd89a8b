"""Numbers that nobody can compute here, with the publication that states each.

An error on ImageNet's hidden test images, or how somebody trained a net: what a lecture prints of that kind is compared
with the publication, and the table says so. A number that a model or a formula gives does not belong here, and neither
does one from memory: each was found in the text of its publication or in several texts that quote it.
"""

from typing import NamedTuple


class Source(NamedTuple):
    """One number, or several, and where they are published."""

    value: float | tuple[float, ...]
    where: str


_CHALLENGE = "Russakovsky et al. 2015, ImageNet large scale visual recognition challenge"
_ZF = "Zeiler and Fergus 2014, Visualizing and understanding convolutional networks"
_GOOGLENET = "Szegedy et al. 2015, Going deeper with convolutions"
_RESNET = "He et al. 2016, Deep residual learning for image recognition"

PUBLISHED = {
    "top-5 error 2010": Source(28.2, _CHALLENGE),
    "top-5 error 2011": Source(25.8, _CHALLENGE),
    "top-5 error AlexNet": Source(16.4, f"{_CHALLENGE}, without further images to train on"),
    "top-5 error Clarifai": Source(11.7, f"{_CHALLENGE}, without further images to train on"),
    "top-5 error ZFNet": Source(14.8, f"{_ZF}, table of errors, six nets, test images of 2012"),
    "top-5 error VGG": Source(
        7.3,
        "Simonyan and Zisserman 2015, Very deep convolutional networks, table 7, seven nets, the entry of 2014",
    ),
    "top-5 error GoogLeNet": Source(6.67, f"{_GOOGLENET}, table 2"),
    "top-5 error ResNet": Source(3.57, f"{_RESNET}, abstract"),
    "AlexNet crops": Source((224, 224), "Krizhevsky et al. 2012, section 4.1"),
    "AlexNet authors": Source(3, "Krizhevsky, Sutskever and Hinton 2012, title page"),
    "AlexNet GPUs": Source(2, "Krizhevsky et al. 2012, section 1"),
    "AlexNet days of training": Source((5, 6), "Krizhevsky et al. 2012, section 1"),
    "AlexNet ReLU against tanh": Source(
        6, "Krizhevsky et al. 2012, figure 1, four layers on CIFAR-10 to a training error of 25 %"
    ),
    "ImageNet training images": Source(1_281_167, f"{_CHALLENGE}, table 2"),
    "FaceNet faces": Source((1e8, 2e8), "Schroff et al. 2015, FaceNet, section 5"),
    "ResNet of ECCV 2016, layers": Source(
        (164, 200, 1001), "He et al. 2016, Identity mappings in deep residual networks"
    ),
    "ZFNet patches": Source(9, f"{_ZF}, figure 2"),
    "neurons in the brain": Source(
        86_100_000_000, "Azevedo et al. 2009, Equal numbers of neuronal and nonneuronal cells"
    ),
    "perceptron report": Source(
        1957, "Rosenblatt, The perceptron, a perceiving and recognizing automaton, January 1957"
    ),
    "Mark I sensor": Source(
        (20, 20), "Hay, Lynch and Smith 1960, Mark I perceptron operators' manual"
    ),
    "AlexNet training scales": Source(
        (256, 256), "Krizhevsky et al. 2012, ImageNet classification, sections 2 and 4.1"
    ),
    "ResNet training scales": Source((256, 480), f"{_RESNET}, section 3.4"),
    "ZFNet larger variant": Source((512, 1024, 512), f"{_ZF}, table of errors, model (b)"),
    "GoogLeNet image": Source((224, 224), f"{_GOOGLENET}, section 5"),
    "ResNet detection": Source(62.1, f"{_RESNET}, appendix B"),
    "ResNet detection ahead": Source(8.5, f"{_RESNET}, appendix B"),
    "ResNet momentum": Source(0.9, f"{_RESNET}, section 3.4"),
    "ResNet learning rate": Source(0.1, f"{_RESNET}, section 3.4"),
    "ResNet rate divided by": Source(10, f"{_RESNET}, section 3.4"),
    "ResNet batch": Source(256, f"{_RESNET}, section 3.4"),
    "ResNet weight decay": Source(1e-4, f"{_RESNET}, section 3.4"),
}
