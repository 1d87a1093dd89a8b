"""Looking inside networks in torch: what units answer to, and what a score depends on.

Every function takes any model, leaves it as it was, and asks for images (N, C, H, W) normalized as the model was
trained::

    mean, std = channel_statistics(data.x)
    x = (torch.tensor(data.x_test[:8]) - mean.reshape(-1, 1, 1)) / std.reshape(-1, 1, 1)
    magnitude(saliency(model, x.float()))
"""

from coursekit.inspection.activations import activations
from coursekit.inspection.adversarial import fast_gradient_sign, projected_gradient
from coursekit.inspection.ascent import limits, noise
from coursekit.inspection.dreams import dream
from coursekit.inspection.filters import filters
from coursekit.inspection.fooling import Fooling, fooling_images
from coursekit.inspection.gradcam import class_activation_map, grad_cam, over_images
from coursekit.inspection.guided import guided_backpropagation
from coursekit.inspection.integrated import Contributions, integrated_gradients
from coursekit.inspection.layers import layer_names
from coursekit.inspection.maximum import Ascent, Regularization, maximum_response
from coursekit.inspection.occlusion import Occlusion, occlusion
from coursekit.inspection.patches import Patches, strongest_patches
from coursekit.inspection.population import Population, population
from coursekit.inspection.saliency import magnitude, saliency
from coursekit.inspection.sanity import Randomized, randomization, rank_correlation
from coursekit.inspection.smoothgrad import smoothgrad

__all__ = [
    "Ascent",
    "Contributions",
    "Fooling",
    "Occlusion",
    "Patches",
    "Population",
    "Randomized",
    "Regularization",
    "activations",
    "class_activation_map",
    "dream",
    "fast_gradient_sign",
    "filters",
    "fooling_images",
    "grad_cam",
    "guided_backpropagation",
    "integrated_gradients",
    "layer_names",
    "limits",
    "magnitude",
    "maximum_response",
    "noise",
    "occlusion",
    "over_images",
    "population",
    "projected_gradient",
    "randomization",
    "rank_correlation",
    "saliency",
    "smoothgrad",
    "strongest_patches",
]
