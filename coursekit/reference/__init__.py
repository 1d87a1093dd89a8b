"""NumPy reference implementations: the formulas of the course, readable first.

Every operation comes as up to three functions:

- ``op(x, w, ...)`` returns the output y;
- ``op_forward(x, w, ...)`` returns ``(y, cache)``, what training needs;
- ``op_backward(dy, cache)`` returns the gradients of the loss in the order of op's array arguments.

Arrays are float32 or float64 (integers are computed as float64), never written into, of logical shape
N, C, (H,) W in either memory order of ``layout``.

The operations stand here. Modules of their own hold what comes in families: ``kernels`` (box, Gaussian,
Gabor ...), ``initialization`` and ``structured_initialization``, ``network``, ``layers`` and
``trained_layers``, ``optim``, ``schedules`` and ``plateau``, ``lenet``.
"""

from coursekit.reference.accounting import Cost, conv2d_cost, linear_cost, pool2d_cost, total_cost
from coursekit.reference.activations import (
    leaky_relu,
    leaky_relu_backward,
    leaky_relu_forward,
    relu,
    relu_backward,
    relu_forward,
    sigmoid,
    sigmoid_backward,
    sigmoid_forward,
    tanh,
    tanh_backward,
    tanh_forward,
)
from coursekit.reference.conventions import filter_centered, filter_preceding, filter_succeeding
from coursekit.reference.convolution1d import conv1d, conv1d_backward, conv1d_forward, true_conv1d
from coursekit.reference.convolution2d import conv2d, conv2d_backward, conv2d_forward
from coursekit.reference.convolution2d_plain import (
    conv2d_loops,
    conv2d_loops_backward,
    conv2d_loops_forward,
)
from coursekit.reference.convolution2d_transposed import (
    conv_transpose2d,
    conv_transpose2d_backward,
    conv_transpose2d_forward,
)
from coursekit.reference.doubly_blocked import conv2d_toeplitz, toeplitz2d, toeplitz2d_sparse
from coursekit.reference.dropout import (
    dropout,
    dropout_backward,
    dropout_forward,
    dropout_weight_scaling,
    dropout_weight_scaling_backward,
    dropout_weight_scaling_forward,
    spatial_dropout2d,
    spatial_dropout2d_backward,
    spatial_dropout2d_forward,
)
from coursekit.reference.geometry import ReceptiveField, output_size, receptive_field
from coursekit.reference.gradcheck import GradientReport, gradcheck
from coursekit.reference.layernorm import (
    group_norm,
    group_norm_backward,
    group_norm_forward,
    layer_norm,
    layer_norm_backward,
    layer_norm_forward,
)
from coursekit.reference.layout import batch_first, batch_last
from coursekit.reference.linear import linear, linear_backward, linear_forward
from coursekit.reference.losses import (
    bce_with_logits,
    bce_with_logits_backward,
    bce_with_logits_forward,
    multiclass_hinge,
    multiclass_hinge_backward,
    multiclass_hinge_forward,
    softmax_cross_entropy,
    softmax_cross_entropy_backward,
    softmax_cross_entropy_forward,
)
from coursekit.reference.maxout import maxout, maxout_backward, maxout_forward
from coursekit.reference.normalization import (
    batchnorm,
    batchnorm_backward,
    batchnorm_backward_graph,
    batchnorm_forward,
)
from coursekit.reference.penalty import l2_penalty, l2_penalty_backward, l2_penalty_forward
from coursekit.reference.pointwise import conv1x1, conv1x1_backward, conv1x1_forward
from coursekit.reference.pooling import (
    average_pool2d,
    average_pool2d_backward,
    average_pool2d_forward,
    global_average_pool2d,
    global_average_pool2d_backward,
    global_average_pool2d_forward,
    max_pool2d,
    max_pool2d_backward,
    max_pool2d_forward,
)
from coursekit.reference.running_statistics import (
    batchnorm_inference,
    batchnorm_inference_backward,
    batchnorm_inference_forward,
    update_running,
)
from coursekit.reference.segmentation import (
    box_iou,
    class_iou,
    confusion_matrix,
    mean_iou,
    pixel_accuracy,
)
from coursekit.reference.separable_kernels import separable_conv2d, separate
from coursekit.reference.softmax import softmax, softmax_backward, softmax_forward
from coursekit.reference.toeplitz import toeplitz1d, toeplitz1d_sparse
from coursekit.reference.upsampling import (
    bilinear_kernel,
    upsample_bilinear,
    upsample_bilinear_backward,
    upsample_bilinear_forward,
    upsample_nearest,
    upsample_nearest_backward,
    upsample_nearest_forward,
)

__all__ = [
    "Cost",
    "GradientReport",
    "ReceptiveField",
    "average_pool2d",
    "average_pool2d_backward",
    "average_pool2d_forward",
    "batch_first",
    "batch_last",
    "batchnorm",
    "batchnorm_backward",
    "batchnorm_backward_graph",
    "batchnorm_forward",
    "batchnorm_inference",
    "batchnorm_inference_backward",
    "batchnorm_inference_forward",
    "bce_with_logits",
    "bce_with_logits_backward",
    "bce_with_logits_forward",
    "bilinear_kernel",
    "box_iou",
    "class_iou",
    "confusion_matrix",
    "conv1d",
    "conv1d_backward",
    "conv1d_forward",
    "conv1x1",
    "conv1x1_backward",
    "conv1x1_forward",
    "conv2d",
    "conv2d_backward",
    "conv2d_cost",
    "conv2d_forward",
    "conv2d_loops",
    "conv2d_loops_backward",
    "conv2d_loops_forward",
    "conv2d_toeplitz",
    "conv_transpose2d",
    "conv_transpose2d_backward",
    "conv_transpose2d_forward",
    "dropout",
    "dropout_backward",
    "dropout_forward",
    "dropout_weight_scaling",
    "dropout_weight_scaling_backward",
    "dropout_weight_scaling_forward",
    "filter_centered",
    "filter_preceding",
    "filter_succeeding",
    "global_average_pool2d",
    "global_average_pool2d_backward",
    "global_average_pool2d_forward",
    "gradcheck",
    "group_norm",
    "group_norm_backward",
    "group_norm_forward",
    "l2_penalty",
    "l2_penalty_backward",
    "l2_penalty_forward",
    "layer_norm",
    "layer_norm_backward",
    "layer_norm_forward",
    "leaky_relu",
    "leaky_relu_backward",
    "leaky_relu_forward",
    "linear",
    "linear_backward",
    "linear_cost",
    "linear_forward",
    "max_pool2d",
    "max_pool2d_backward",
    "max_pool2d_forward",
    "maxout",
    "maxout_backward",
    "maxout_forward",
    "mean_iou",
    "multiclass_hinge",
    "multiclass_hinge_backward",
    "multiclass_hinge_forward",
    "output_size",
    "pixel_accuracy",
    "pool2d_cost",
    "receptive_field",
    "relu",
    "relu_backward",
    "relu_forward",
    "separable_conv2d",
    "separate",
    "sigmoid",
    "sigmoid_backward",
    "sigmoid_forward",
    "softmax",
    "softmax_backward",
    "softmax_cross_entropy",
    "softmax_cross_entropy_backward",
    "softmax_cross_entropy_forward",
    "softmax_forward",
    "spatial_dropout2d",
    "spatial_dropout2d_backward",
    "spatial_dropout2d_forward",
    "tanh",
    "tanh_backward",
    "tanh_forward",
    "toeplitz1d",
    "toeplitz1d_sparse",
    "toeplitz2d",
    "toeplitz2d_sparse",
    "total_cost",
    "true_conv1d",
    "update_running",
    "upsample_bilinear",
    "upsample_bilinear_backward",
    "upsample_bilinear_forward",
    "upsample_nearest",
    "upsample_nearest_backward",
    "upsample_nearest_forward",
]
