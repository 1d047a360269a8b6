"""Makes fuzz/seeds: small files of each kind for the targets to begin with.

    python fuzz/seeds.py fuzz/seeds
"""

import gzip
import io
import json
import os
import shutil
import sys
import tarfile
import tempfile

import numpy as np
import tensorflow as tf
from tensorflow.core.framework import attr_value_pb2
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow.python.saved_model.loader_impl import parse_saved_model


class Base(tf.Module):
    """What the rewriter looks for: convolutions of two kinds, a batch norm, a swish, a pool, a product."""

    def __init__(self):
        super().__init__()
        random = np.random.default_rng(1)
        self.kernel = tf.Variable(random.normal(size=(1, 3, 3, 3, 4)).astype("float32"))
        self.depthwise = tf.Variable(random.normal(size=(3, 1, 1, 1, 4)).astype("float32"))
        self.scale = tf.Variable(np.ones(4, "float32"))
        self.head = tf.Variable(random.normal(size=(4, 3)).astype("float32"))

    def features(self, x):
        x = tf.nn.conv3d(x, self.kernel, [1, 1, 2, 2, 1], "SAME")
        flat = tf.reshape(x, [-1, tf.shape(x)[2], tf.shape(x)[3], 4])
        flat = tf.raw_ops.FusedBatchNormV3(x=flat, scale=self.scale, offset=self.scale, mean=self.scale,
                                           variance=self.scale, is_training=False).y
        x = tf.reshape(flat, tf.shape(x))
        x = x * tf.sigmoid(x)
        return tf.nn.conv3d(x, self.depthwise, [1, 1, 1, 1, 1], "SAME")

    @tf.function(input_signature=[tf.TensorSpec([1, None, None, None, 3], tf.float32, "image")])
    def call(self, image):
        return {"classifier_head": tf.matmul(tf.reduce_mean(self.features(image), [1, 2, 3]), self.head)}


class Stream(Base):
    @tf.function(input_signature=[{"image": tf.TensorSpec([1, None, None, None, 3], tf.float32, "image"),
                                   "state_head_pool_buffer": tf.TensorSpec([1, 1, 1, 1, 4], tf.float32)}])
    def call(self, inputs):
        x = tf.reduce_mean(self.features(inputs["image"]), [1, 2, 3], keepdims=True)
        state = inputs["state_head_pool_buffer"] + x
        return {"logits": tf.matmul(tf.reshape(state, [1, 4]), self.head), "state_head_pool_buffer": state}


def saved_models():
    for name, model in ("base", Base()), ("stream", Stream()):
        with tempfile.TemporaryDirectory() as folder:
            tf.saved_model.save(model, folder, signatures={"serving_default": model.call})
            saved = parse_saved_model(folder)
        saved.meta_graphs[0].ClearField("object_graph_def")
        saved.meta_graphs[0].meta_info_def.ClearField("stripped_op_list")
        yield name, saved.SerializeToString(deterministic=True)


def tiny(functions):
    """A graph of a few operations, which a single changed byte changes more often than it breaks."""
    saved = saved_model_pb2.SavedModel(saved_model_schema_version=1)
    graph = saved.meta_graphs.add().graph_def

    def add(nodes, name, op, *inputs, **attributes):
        node = nodes.add(name=name, op=op, input=inputs)
        for key, value in attributes.items():
            node.attr[key].CopyFrom(value)

    ints = lambda *values: attr_value_pb2.AttrValue(list=attr_value_pb2.AttrValue.ListValue(i=values))
    constant = attr_value_pb2.AttrValue(tensor=tf.make_tensor_proto(np.ones((1, 1, 1, 2, 2), "float32")))
    inner = graph.library.function.add() if functions else None
    nodes = inner.node_def if functions else graph.node
    out = ":output:0" if functions else ""
    add(graph.node, "x", "Placeholder")
    add(graph.node, "v", "VarHandleOp")
    add(graph.node, "r", "ReadVariableOp", "v")
    add(nodes, "k", "Const", value=constant)
    add(nodes, "c", "Conv3D", "x", "k" + out, strides=ints(1, 1, 1, 1, 1), padding=attr_value_pb2.AttrValue(s=b"SAME"))
    add(nodes, "s", "Sigmoid", "c" + out)
    add(nodes, "m", "Mul", "c" + out, "s" + out.replace("output", "y"))
    add(nodes, "i", "Identity", "m" + out.replace("output", "z"))
    if functions:
        inner.signature.name = "f"
        inner.signature.input_arg.add(name="x", type=1)
        inner.signature.output_arg.add(name="o", type=1)
        inner.ret["o"] = "i" + out
        function = attr_value_pb2.AttrValue(func=attr_value_pb2.NameAttrList(name="f"))
        add(graph.node, "p", "StatefulPartitionedCall", "x", f=function)
    signature = saved.meta_graphs[0].signature_def["serving_default"]
    signature.inputs["image"].name = "x:0"
    signature.outputs["logits"].name = "p:0" if functions else "i:0"
    return saved.SerializeToString(deterministic=True)


def graphs():
    yield from saved_models()
    yield "tiny", tiny(False)
    yield "tiny-function", tiny(True)


def tars():
    for name, folder, kind in ("top", "./", tarfile.GNU_FORMAT), ("nested", "a/b/", tarfile.PAX_FORMAT):
        content = io.BytesIO()
        with tarfile.open(fileobj=content, mode="w", format=kind) as tar:
            for path in "saved_model.pb", "variables/variables.index":
                entry = tarfile.TarInfo(folder + path)
                entry.size = 4
                tar.addfile(entry, io.BytesIO(b"abcd"))
        yield name, content.getvalue()
    yield "gzip", gzip.compress(content.getvalue(), mtime=0)


def references():
    for name, save in ("plain", np.savez), ("compressed", np.savez_compressed):
        content = io.BytesIO()
        save(content, video=np.full((2, 4, 4, 3), 0.5, "float32"), base_logits=np.array([0.5, np.nan, np.inf], "float32"),
             stream_logits=np.zeros((2, 3), "float32"))
        yield name, content.getvalue()


def labels():
    names = ["lunge", "high kick", "squat"]
    yield "plain", "\n".join(names).encode()
    yield "mark", ("\ufeff" + "\r\n".join(names) + "\r\n\r\n").encode()
    yield "csv", ("id,name\n" + "".join(f'{at},"{name}"\n' for at, name in enumerate(names))).encode()
    yield "behind", "".join(f"{name};{at}\n" for at, name in enumerate(names)).encode()
    yield "numbered", "".join(f"{at}: {name}\n" for at, name in enumerate(names)).encode()
    yield "list", json.dumps(names).encode()
    yield "object", json.dumps({str(at): name for at, name in enumerate(names)}).encode()
    yield "utf16", "\n".join(names).encode("utf-16")


def records():
    file = {"path": "saved_model.pb", "bytes": 5, "sha256": "0" * 64}
    yield "fetched", json.dumps({"name": "a0-base", "source": "https://x", "fetched": 1, "files": [file, file]}).encode()
    yield "prepared", json.dumps({
        "original": "0" * 64, "rewriter": 3, "tensorflow": "2.18.1", "processor": "x", "size": 172,
        "rewrites": {"batch_norms": 1, "convolutions": 1, "fused": 1, "merged": 1, "operations": 1},
        "proof": {"inputs": [], "largest": 1e-6}}).encode()
    yield "card", json.dumps({"schema": "movinet-tf/model/1", "size": 172, "fps": 5.0, "sampling": "model",
                              "output": "logits", "labels": ["a", "b"]}).encode()


def main():
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    kinds = {"saved_model": graphs, "tar": tars, "npz": references, "labels": labels, "records": records}
    os.makedirs(sys.argv[1])
    os.symlink("../../tests/parity/damage", os.path.join(sys.argv[1], "gif"))
    for kind, seeds in kinds.items():
        os.makedirs(os.path.join(sys.argv[1], kind))
        for name, content in seeds():
            with open(os.path.join(sys.argv[1], kind, name), "wb") as file:
                file.write(content)


if __name__ == "__main__":
    main()
