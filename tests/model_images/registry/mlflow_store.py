"""Run as a program: fills an MLflow store in a folder with one model a flavor. Its warnings are MLflow's."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import lightgbm
import mlflow
import numpy as np
import xgboost
from mlflow.models import infer_signature
from skl2onnx import to_onnx
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression


class Doubles(mlflow.pyfunc.PythonModel):
    def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
        return model_input * 2


def log(flavor: Any, model: Any, name: str, example: Any, answers: Any, **more: Any) -> None:
    """With its requirements given: MLflow else starts a process to find out."""
    flavor.log_model(
        model,
        name=name,
        registered_model_name=name,
        signature=infer_signature(example, answers),
        input_example=example,
        pip_requirements=["pandas==3.1.1", "cloudpickle==3.1.3", "scikit-learn==1.9.1", "loose"],
        **more,
    )


def main(folder: Path) -> None:
    mlflow.set_tracking_uri(folder.as_uri())
    everything, label = load_breast_cancer(return_X_y=True, as_frame=True)
    columns = everything.iloc[:, :3]  # "mean radius", "mean texture", "mean perimeter": not as model.yaml writes names
    few = columns.head(3)
    logistic = LogisticRegression(max_iter=1000).fit(columns, label)
    with mlflow.start_run():
        mlflow.log_input(mlflow.data.from_pandas(columns, name="breast cancer"))
        log(mlflow.sklearn, logistic, "fraud", few, logistic.predict(columns), serialization_format="cloudpickle")
        mlflow.sklearn.log_model(
            logistic,
            name="b",
            registered_model_name="unsigned",
            serialization_format="pickle",
            pip_requirements=["x==1"],
        )
        booster = xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(columns, label), 5)
        log(mlflow.xgboost, booster, "boosted", few, booster.predict(xgboost.DMatrix(columns)))
        light = lightgbm.train({"objective": "binary", "verbose": -1}, lightgbm.Dataset(columns.to_numpy(), label), 5)
        log(mlflow.lightgbm, light, "light", few, light.predict(columns.to_numpy()))
        array = columns.to_numpy(np.float32)
        graph = to_onnx(logistic, array[:1], options={"zipmap": False})
        answers = {
            "label": logistic.predict(columns),
            "probabilities": logistic.predict_proba(columns).astype(np.float32),
        }
        log(mlflow.onnx, graph, "graph", array[:3], answers)
        mlflow.pyfunc.log_model(
            name="f", python_model=Doubles(), registered_model_name="own", pip_requirements=["pandas==3.1.1"]
        )
    for name in ("fraud", "unsigned", "boosted", "light", "graph", "own"):
        mlflow.MlflowClient().set_registered_model_alias(name, "champion", 1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
