"""Rows in the contracts' forms, and answers read back to the bit."""

from __future__ import annotations

import io
import json
from pathlib import Path

import msgspec
import numpy as np
import pytest

from model_images.gates import contract_forms as forms
from model_images.model_file import Input, ModelFile, Tensor
from tests.model_images.gates.subjects import subject

SCORE = Tensor(name="score", type="float64")
WHY = Tensor(name="why", type="string")
PAIR = Tensor(name="pair", type="float32", shape=(2,))


def model(folder: Path, *outputs: Tensor, inputs: tuple[Input, ...] = ()) -> ModelFile:
    whole = subject(folder).model
    return msgspec.structs.replace(whole, outputs=outputs or whole.outputs, inputs=inputs or whole.inputs)


def test_a_binary_request_holds_texts_with_their_length_and_numbers_little_endian(tmp_path: Path) -> None:
    of = model(tmp_path, inputs=(Input(name="plan", type="string"), Input(name="hour", type="int64")))
    body, length = forms.as_binary_tensors([{"plan": "é", "hour": 2}], of)
    head = json.loads(body[:length])
    assert [tensor["parameters"]["binary_data_size"] for tensor in head["inputs"]] == [6, 8]
    assert body[length:] == b"\x02\0\0\0\xc3\xa9" + b"\x02\0\0\0\0\0\0\0"


def test_an_input_with_a_shape_is_no_csv_and_mixed_inputs_are_no_array(tmp_path: Path) -> None:
    pair = (Input(name="pair", type="float32", shape=(2,)),)
    assert forms.as_csv([{"pair": [1, 2]}], model(tmp_path, inputs=pair)) is None
    assert forms.as_npy([{"amount": 1.0, "hour": 1, "plan": "free"}], model(tmp_path)) is None


def test_every_form_of_an_answer_is_read_to_the_same_arrays(tmp_path: Path) -> None:
    of = model(tmp_path, SCORE, PAIR)
    want = forms.from_predictions([{"score": 0.1, "pair": [0.1, -0.0]}, {"score": None, "pair": [1e-45, 2]}], of)
    npy = io.BytesIO()
    pair = want["pair"]
    np.save(npy, np.concatenate([want["score"], pair.astype(np.float64)], axis=1))
    tensors = {"outputs": [{"name": "score", "data": [0.1, None]}, {"name": "pair", "data": [0.1, -0.0, 1e-45, 2.0]}]}
    packed = [want["score"].tobytes(), pair.tobytes()]
    head = json.dumps(
        {
            "outputs": [
                {"name": name, "parameters": {"binary_data_size": len(part)}}
                for name, part in zip(("score", "pair"), packed, strict=True)
            ]
        }
    ).encode()
    assert forms.same(want, forms.from_csv(b"0.1,0.1,-0.0\n,1e-45,2.0\n", of))
    assert forms.same(want, forms.from_npy(npy.getvalue(), of))
    assert forms.same(want, forms.from_tensors(json.dumps(tensors).encode(), of))
    assert forms.same(want, forms.from_binary_tensors(head + b"".join(packed), len(head), of))


def test_texts_are_read_from_csv_and_binary(tmp_path: Path) -> None:
    of = model(tmp_path, WHY)
    want = forms.from_predictions(['a "quoted", one', "é\nü"], of)
    packed = b"".join(len(t.encode()).to_bytes(4, "little") + t.encode() for t in ('a "quoted", one', "é\nü"))
    head = json.dumps({"outputs": [{"name": "why", "parameters": {"binary_data_size": len(packed)}}]}).encode()
    assert forms.same(want, forms.from_csv('"a ""quoted"", one"\n"é\nü"\n'.encode(), of))
    assert forms.same(want, forms.from_binary_tensors(head + packed, len(head), of))


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ([0.1], [0.1], True),
        ([0.1], [0.1 + 2**-56], False),
        ([0.0], [-0.0], False),
        ([float("nan")], [float("inf")], True),
        ([float("nan")], [0.0], False),
        ([0.1], [0.1, 0.1], False),
    ],
)
def test_the_last_bit_counts_but_of_what_is_not_finite(
    tmp_path: Path, one: list[float], other: list[float], equal: bool
) -> None:
    of = model(tmp_path, SCORE)
    assert forms.same(forms.from_predictions(one, of), forms.from_predictions(other, of)) is equal
