"""Run as a program: fills an MLflow store in a folder with one model a flavor. MLflow warns; its warnings are its own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import lightgbm
import mlflow
import numpy as np
import pandas as pd
import xgboost
from mlflow.models import infer_signature
from skl2onnx import to_onnx
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression


class Doubles(mlflow.pyfunc.PythonModel):
    def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
        return model_input * 2


def main(folder: Path) -> None:
    mlflow.set_tracking_uri(folder.as_uri())
    everything, label = load_breast_cancer(return_X_y=True, as_frame=True)
    columns = everything.iloc[:, :3]  # "mean radius", "mean texture", "mean perimeter": not as model.yaml writes names
    few = columns.head(3)
    logistic = LogisticRegression(max_iter=1000).fit(columns, label)
    with mlflow.start_run():
        mlflow.log_input(mlflow.data.from_pandas(columns, name="breast cancer"))
        signed: dict[str, Any] = {
            "signature": infer_signature(columns, logistic.predict(columns)),
            "input_example": few,
        }
        mlflow.sklearn.log_model(
            logistic, name="a", registered_model_name="fraud", serialization_format="cloudpickle", **signed
        )
        mlflow.sklearn.log_model(logistic, name="b", registered_model_name="unsigned", serialization_format="pickle")
        booster = xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(columns, label), 5)
        signed["signature"] = infer_signature(columns, booster.predict(xgboost.DMatrix(columns)))
        mlflow.xgboost.log_model(booster, name="c", registered_model_name="boosted", **signed)
        light = lightgbm.train({"objective": "binary", "verbose": -1}, lightgbm.Dataset(columns.to_numpy(), label), 5)
        signed["signature"] = infer_signature(columns, light.predict(columns.to_numpy()))
        mlflow.lightgbm.log_model(light, name="d", registered_model_name="light", **signed)
        array = columns.to_numpy(np.float32)
        graph = to_onnx(logistic, array[:1], options={"zipmap": False})
        signature = infer_signature(array, np.asarray(logistic.predict(columns)))
        mlflow.onnx.log_model(
            graph, name="e", registered_model_name="graph", signature=signature, input_example=array[:3]
        )
        frame = pd.DataFrame({"x": [1.0, 2.0]})
        mlflow.pyfunc.log_model(
            name="f",
            python_model=Doubles(),
            registered_model_name="own",
            signature=infer_signature(frame, frame),
            input_example=frame,
        )
    for name in ("fraud", "unsigned", "boosted", "light", "graph", "own"):
        mlflow.MlflowClient().set_registered_model_alias(name, "champion", 1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
