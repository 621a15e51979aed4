"""Names that people know from Keras or from torch.nn, and what to write here instead."""

from __future__ import annotations

from collections.abc import Iterable

from axone.errors import closest
from axone.messages import _

# What a user may type -> how it is written here. Keys are in lower case, without "_" and "-".
LAYERS = {
    "add": "a + b",
    "attention": "torch.nn.functional.scaled_dot_product_attention(query, key, value)",
    "average": "(a + b) / 2",
    "averagepooling1d": "AvgPool1d",
    "averagepooling2d": "AvgPool2d",
    "averagepooling3d": "AvgPool3d",
    "batchnormalization": "BatchNorm2d",
    "bidirectional": "LSTM(..., bidirectional=True)",
    "concatenate": "Concatenate",
    "conv1dtranspose": "ConvTranspose1d",
    "conv2dtranspose": "ConvTranspose2d",
    "conv3dtranspose": "ConvTranspose3d",
    "cropping1d": "h[..., 1:-1]",
    "cropping2d": "h[..., 1:-1, 1:-1]",
    "dense": "Linear",
    "dot": "a @ b",
    "elu": 'Activation("elu")',
    "gelu": 'Activation("gelu")',
    "groupnormalization": "GroupNorm",
    "inputlayer": "Input",
    "lambda": "Apply(function)",
    "layernormalization": "LayerNorm",
    "leakyrelu": 'Activation("leaky_relu(0.01)")',
    "logsoftmax": 'Activation("log_softmax")',
    "maximum": "torch.maximum(a, b)",
    "maxpooling1d": "MaxPool1d",
    "maxpooling2d": "MaxPool2d",
    "maxpooling3d": "MaxPool3d",
    "minimum": "torch.minimum(a, b)",
    "relu": 'Activation("relu")',
    "rescaling": "h * scale + offset",
    "separableconv2d": "Conv2d(channels, 1)(DepthwiseConv2d(3)(h))",
    "sequential": "h = Linear(10)(h)",
    "sigmoid": 'Activation("sigmoid")',
    "silu": 'Activation("silu")',
    "simplernn": "RNN",
    "softmax": 'Activation("softmax")',
    "spatialdropout1d": "VariationalDropout",
    "spatialdropout2d": "Dropout2d",
    "tanh": 'Activation("tanh")',
    "timedistributed": "Linear(...)",
    "torchmodulewrapper": "Apply(module)",
    "upsampling1d": "Upsample",
    "upsampling2d": "Upsample",
    "upsampling3d": "Upsample",
    "zeropadding2d": "ZeroPad2d",
}
ACTIVATIONS = {
    "hardsilu": "hardswish",
    "identity": "linear",
    "none": "linear",
    "swish": "silu",
}
# Functions and methods of torch that nodes do not have, because they depend on the batch or on the mode.
FUNCTIONS = {
    "batch_norm": "BatchNorm2d()(node)",
    "dropout": "Dropout(p)(node)",
    "float": "node * 1.0",
    "max_pool2d": "MaxPool2d(size)(node)",
    "norm": "(node ** 2).sum(-1) ** 0.5",
    "reshape": "Reshape(shape)(node)",
    "size": "node.shape",
    "view": "Reshape(shape)(node)",
}
# Arguments of Keras and of torch.nn -> the argument here. None: there is none, because the sizes follow from the input.
ARGUMENTS: dict[str, tuple[str, ...] | None] = {
    "alpha": ("activation",),
    "axis": ("dim", "last"),
    "dilation_rate": ("dilation",),
    "embed_dim": None,
    "embeddings_initializer": None,
    "epsilon": ("eps",),
    "filters": ("out_channels",),
    "groups": ("num_groups",),
    "in_channels": None,
    "in_features": None,
    "input_dim": ("num_embeddings",),
    "input_shape": None,
    "input_size": None,
    "key_dim": None,
    "normalized_shape": ("last",),
    "num_channels": None,
    "num_features": None,
    "output_dim": ("embedding_dim",),
    "pool_size": ("kernel_size",),
    "rate": ("p",),
    "recurrent_dropout": ("weight_dropout",),
    "size": ("scale_factor",),
    "strides": ("stride",),
    "target_shape": ("shape",),
    "units": ("out_features", "hidden_size"),
    "use_bias": ("bias",),
}


def suggest_layer(name: str, known: Iterable[str]) -> str | None:
    """Return what to write instead of an unknown layer's name, as a sentence, or None."""
    plain = name.replace("_", "").replace("-", "").lower()
    if plain in LAYERS:
        return _("Write {name}.", name=LAYERS[plain])
    return suggest(name, known)


def suggest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name nearest to one that was mistyped, as a question, or None; upper case does not matter."""
    by_lower = {each.lower(): each for each in known}
    near = closest(name, by_lower)
    return _("Did you mean {name}?", name=by_lower[near]) if near else None


def suggest_argument(name: str, known: Iterable[str]) -> str | None:
    """Return what to write instead of an unknown argument of a layer, as a sentence, or None."""
    names = list(known)
    if name in ("return_sequences", "return_state") and "hidden_size" in names:
        return _("Leave out {name}: output, state = layer(x) returns both.", name=name)
    if name in ARGUMENTS:
        ours = ARGUMENTS[name]
        if ours is None:
            return _("Leave out {name}: the sizes of the input follow from the node.", name=name)
        if instead := next((each for each in ours if each in names), None):
            return _("Did you mean {name}?", name=instead)
    return suggest(name, names)


def suggest_function(name: str) -> str:
    """Return what to write instead of a function or a method of torch that nodes do not have, as a sentence."""
    if name in FUNCTIONS:
        return _("Write {name}.", name=FUNCTIONS[name])
    return _("Write Apply(module)(node) for a module, Apply(function)(node) for a function.")


def suggest_value(layer: str, argument: str, value: object) -> str | None:
    """Return what to write instead of an argument's wrong value, as a sentence, or None."""
    if layer == "Linear" and argument == "bias" and isinstance(value, int):  # Linear(784, 10), as in torch.nn
        return _("Leave out the size of the input, which follows from the node: Linear({size}).", size=value)
    return None


def find_activation_synonym(name: str, known: Iterable[str]) -> str | None:
    """Return the activation's name in the registry for another spelling or a name of Keras, or None."""
    plain = name.replace("_", "").replace("-", "").replace(" ", "").lower()
    by_plain = {each.replace("_", ""): each for each in known}
    return ACTIVATIONS.get(plain) or by_plain.get(plain) or closest(name, by_plain.values())
