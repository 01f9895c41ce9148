#!/usr/bin/env python3
"""Writes the small TensorFlow checkpoints that tests/io reads, and the same numbers under PyTorch's names.

    tensorflow_light.index, tensorflow_light.data-00000-of-00001    the checkpoint
    tensorflow_light.pickle                                         what it is to be read as, a pickled dictionary of arrays
    tensorflow_full…                                                a full model for 16 pixels, of the code as it was
                                                                    until 19 August 2019: two sets of CAM weights

Scopes and shapes follow UGATIT.py and ops.py of https://github.com/taki0112/UGATIT (TensorFlow 1.14), as tf.layers and
tf.get_variable name their variables. Written with tf.compat.v1.train.Saver of TensorFlow 2, Adam's moments included.

Needs TensorFlow 2 and NumPy.
"""
import collections
import pathlib
import pickle

import numpy as np
import tensorflow.compat.v1 as tf

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "io" / "golden"
CH, N_RES, N_DIS = 1, 4, 4
random = np.random.RandomState(2)


class Writer:
    """Collects (TensorFlow's name, its array) and, under PyTorch's name, what it is to be read as."""

    def __init__(self, scope, network):
        self.scope, self.network = scope, network
        self.stored, self.published = {}, {}

    def add(self, name, array, published, read):
        self.stored[self.scope + name] = array.astype(np.float32)
        self.published[published] = np.ascontiguousarray(read, np.float32)

    def conv(self, name, published, kernel, inputs, outputs, orig=""):
        w = random.standard_normal((kernel, kernel, inputs, outputs))
        self.add(name + "/kernel", w, published + ".weight" + orig, w.transpose(3, 2, 0, 1))
        self.vector(name + "/bias", published + ".bias", outputs)

    def vector(self, name, published, size, shape=None):
        b = random.standard_normal(size)
        self.add(name, b, published, b.reshape(shape or (size,)))

    def linear(self, name, published, inputs, outputs, orig="", map_side=1):
        w = random.standard_normal((inputs, outputs))
        channels = inputs // map_side ** 2
        read = w.reshape(map_side, map_side, channels, outputs).transpose(3, 2, 0, 1).reshape(outputs, inputs)
        self.add(name + "/kernel", w, published + ".weight" + orig, read)
        self.vector(name + "/bias", published + ".bias", outputs)


def generator(scope, network, light, size, old):
    g = Writer(scope + "/", network)
    wide = 4 * CH

    def instance_norm(name, published, channels):
        g.vector(name + "/gamma", published + ".weight", channels)
        g.vector(name + "/beta", published + ".bias", channels)

    g.conv("conv/conv2d", "DownBlock.1", 7, 3, CH)
    instance_norm("ins_norm", "DownBlock.2", CH)
    for i, place, channels in ((0, 5, CH), (1, 9, 2 * CH)):
        g.conv("conv_%d/conv2d" % i, "DownBlock.%d" % place, 3, channels, 2 * channels)
        instance_norm("ins_norm_%d" % i, "DownBlock.%d" % (place + 1), 2 * channels)
    for i in range(N_RES):
        for half, place in ((1, 1), (2, 5)):
            scope = "resblock_%d/res%d/" % (i, half)
            prefix = "DownBlock.%d.conv_block." % (12 + i)
            g.conv(scope + "conv_0/conv2d", prefix + str(place), 3, wide, wide)
            instance_norm(scope + "instance_norm", prefix + str(place + 1), wide)
    if old:  # a classifier beside what scales the features, which is left out
        g.stored["%s/CAM_logit/dense/kernel" % g.scope[:-1]] = random.standard_normal((wide, 1)).astype(np.float32)
        g.stored["%s/CAM_logit/dense/bias" % g.scope[:-1]] = random.standard_normal(1).astype(np.float32)
    g.linear("CAM_logit", "cam_fc", wide, 1)
    g.conv("conv_1x1/conv2d", "conv1x1", 1, 2 * wide, wide)
    side = 1 if light else size // 4
    g.linear("MLP/linear_0/dense", "FC.0", side * side * wide, wide, map_side=side)
    g.linear("MLP/linear_1/dense", "FC.2", wide, wide)
    g.linear("MLP/gamma/dense", "gamma", wide, wide)
    g.linear("MLP/beta/dense", "beta", wide, wide)
    for i in range(N_RES):
        for half in (1, 2):
            scope = "adaptive_resblock%d/res%d/" % (i, half)
            g.conv(scope + "conv_0/conv2d", "UpBlock1_%d.conv%d" % (i + 1, half), 3, wide, wide)
            g.vector(scope + "instance_layer_norm/rho", "UpBlock1_%d.norm%d.rho" % (i + 1, half), wide, (1, wide, 1, 1))
    for i, place, channels in ((0, 2, 2 * CH), (1, 7, CH)):
        g.conv("up_conv_%d/conv2d" % i, "UpBlock2.%d" % place, 3, 2 * channels, channels)
        for part in ("rho", "gamma", "beta"):
            g.vector("layer_ins_norm_%d/%s" % (i, part), "UpBlock2.%d.%s" % (place + 1, part), channels, (1, channels, 1, 1))
    g.conv("G_logit/conv2d", "UpBlock2.11", 7, CH, 3)
    return g


def discriminator(scope, network, convolutions):
    d = Writer(scope + "/", network)

    def state(name, published, size):
        u = random.standard_normal((1, size))
        d.add(name + "/u", u, published + ".weight_u", u.reshape(size))

    inputs, out = 3, CH
    for i in range(convolutions):
        name = "conv_%d" % i if i < convolutions - 1 else "conv_last"
        published = "model.%d" % (1 + 3 * i)
        d.conv(name, published, 4, inputs, out, orig="_orig")
        state(name, published, out)
        inputs, out = out, 2 * out
    wide = inputs
    d.linear("CAM_logit", "cam_fc", wide, 1, orig="_orig")
    state("CAM_logit", "cam_fc", 1)
    d.conv("conv_1x1/conv2d", "conv1x1", 1, 2 * wide, wide)
    d.conv("D_logit", "conv", 4, wide, 1, orig="_orig")
    state("D_logit", "conv", 1)
    return d


def write(name, light, size, old):
    networks = [generator("generator_B", "genA2B", light, size, old), generator("generator_A", "genB2A", light, size, old)]
    for domain in "AB":
        networks.append(discriminator("discriminator_%s/global" % domain, "disG" + domain, N_DIS))
        networks.append(discriminator("discriminator_%s/local" % domain, "disL" + domain, N_DIS - 2))
    with tf.Graph().as_default(), tf.Session() as session:
        for network in networks:
            for key, array in network.stored.items():
                tf.get_variable(key, initializer=array)
        tf.get_variable("generator_B/conv/conv2d/kernel/Adam", initializer=np.ones((7, 7, 3, CH), np.float32))
        tf.get_variable("beta1_power", initializer=np.float32(0.5))
        session.run(tf.global_variables_initializer())
        tf.train.Saver().save(session, str(GOLDEN / name), write_meta_graph=False)
    (GOLDEN / "checkpoint").unlink()
    published = collections.OrderedDict((n.network, n.published) for n in networks)
    # Pickled for the tests' reader of NumPy arrays, flat: it transposes matrices, as Paddle's files want it.
    flat = {network + "." + key: (array.T.copy() if array.ndim == 2 else array)
            for network, tensors in published.items() for key, array in tensors.items()}
    (GOLDEN / (name + ".pickle")).write_bytes(pickle.dumps(flat, protocol=4))


if __name__ == "__main__":
    tf.disable_eager_execution()
    write("tensorflow_light", True, 16, old=False)
    write("tensorflow_full", False, 16, old=True)
