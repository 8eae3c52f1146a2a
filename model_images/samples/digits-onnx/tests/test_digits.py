"""What the network makes of images that were changed as a pen would change them."""

from pathlib import Path

import numpy as np

from model_images.evaluation import read_data
from model_images.model_file import read_model_file
from model_images.runtimes import load
from model_images.serve.rows import Rows

FOLDER = Path(__file__).parents[1]
MODEL = read_model_file(FOLDER)
RUNTIME = load(FOLDER, MODEL)
PIXELS = read_data(FOLDER / MODEL.evaluation.data, MODEL.inputs)[0].columns["pixels"]


def digits_of(pixels):
    return RUNTIME.predict(Rows(len(pixels), {"pixels": pixels}))["label"]


def test_a_fainter_pen_writes_the_same_digit():
    assert np.mean(digits_of(PIXELS * np.float32(0.8)) == digits_of(PIXELS)) > 0.97


def test_probabilities_sum_to_one():
    chances = RUNTIME.predict(Rows(len(PIXELS), {"pixels": PIXELS}))["probabilities"]
    assert np.allclose(chances.sum(axis=1), 1, atol=1e-5)
