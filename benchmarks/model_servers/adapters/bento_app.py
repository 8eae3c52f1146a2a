"""BentoML: two workers; BENTO_BATCH=1 turns its adaptive batching on."""

import os

import bentoml
import numpy as np

BATCH = os.environ.get("BENTO_BATCH") == "1"


@bentoml.service(workers=2, traffic={"timeout": 60})
class Model:
    def __init__(self):
        from model import predict

        self.run = predict

    if BATCH:

        @bentoml.api(route="/invocations", batchable=True, max_batch_size=64, max_latency_ms=60000)
        def invocations(self, instances: np.ndarray) -> np.ndarray:
            return self.run(instances)

    else:

        @bentoml.api(route="/invocations")
        def invocations(self, instances: list[list[float]]) -> dict:
            return {"predictions": self.run(instances).tolist()}
