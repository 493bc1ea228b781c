"""Whether `cost` tells memory: `python -m tests.benchmarks.memory` measures TensorFlow on the CPU beside it.

Each step runs in a process of its own: once with one image, so that everything is compiled and allocated, then with the
whole batch; what the process grows to at most, less what it had before, is held against the count of `cost` for that
batch. On a CPU TensorFlow adds the workspace of its convolutions, and frees memory late.

With TensorFlow 2.21 on two cores, measured / counted: inference B0 1.55, B3 1.48, V2-B0 1.53, ResNet-50 1.02; training
B0 0.90, V2-B0 0.95, ResNet-50 0.57 (the gradient of a ReLU needs its output alone, and that of an addition nothing).
"""

from __future__ import annotations

import subprocess
import sys
from typing import NamedTuple

from effnet_inspect.analysis.cost import Conditions, cost_of
from effnet_inspect.library import load

STEP = """
import resource, sys
import keras
import tensorflow as tf

builder, mode, batch = sys.argv[1], sys.argv[2], int(sys.argv[3])
model = getattr(keras.applications, builder)(weights=None)
side = model.input_shape[1]

@tf.function(reduce_retracing=True)
def forward(images):
    return model(images, training=False)

@tf.function(reduce_retracing=True)
def train(images):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(model(images, training=True))
    gradients = tape.gradient(loss, model.trainable_variables)
    return tf.add_n([tf.reduce_sum(gradient) for gradient in gradients])

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()

step = forward if mode == "inference" else train
signature = step.get_concrete_function(tf.TensorSpec((None, side, side, 3)))
images = tf.zeros((batch, side, side, 3))
signature(images[:1])
with open("/proc/self/clear_refs", "w") as file:
    file.write("5")  # begins the peak anew
before = resident()
signature(images)
with open("/proc/self/status") as file:
    peak = next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM"))
print(peak - before)
"""


class Case(NamedTuple):
    """One step: of which target, by which builder of Keras, and with how many images."""

    target: str
    builder: str
    mode: str
    batch: int


CASES = (
    Case("b0", "EfficientNetB0", "inference", 64),
    Case("b3", "EfficientNetB3", "inference", 32),
    Case("v2-b0", "EfficientNetV2B0", "inference", 64),
    Case("ResNet50", "ResNet50", "inference", 64),
    Case("b0", "EfficientNetB0", "training", 16),
    Case("v2-b0", "EfficientNetV2B0", "training", 16),
    Case("ResNet50", "ResNet50", "training", 16),
)


def counted(case: Case) -> int:
    """What `cost` says the batch takes."""
    cost = cost_of(load(case.target), Conditions(batch=case.batch))
    return cost.peak if case.mode == "inference" else cost.kept


def measured(case: Case) -> int:
    """What the process grew by."""
    command = [sys.executable, "-c", STEP, case.builder, case.mode, str(case.batch)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1])


if __name__ == "__main__":
    for case in CASES:
        here, there = measured(case), counted(case)
        print(
            f"{case.target:9} {case.mode:10} batch {case.batch:3}  measured {here / 1e6:8.1f} MB, "
            f"counted {there / 1e6:8.1f} MB: {here / there:.2f}x",
            flush=True,
        )
