"""MLServer custom runtime: numpy in, numpy out."""

from mlserver import MLModel
from mlserver.codecs import NumpyCodec, NumpyRequestCodec
from mlserver.types import InferenceResponse


class Model(MLModel):
    async def load(self):
        from model import predict

        self.run = predict
        return True

    async def predict(self, payload):
        rows = self.decode_request(payload, default_codec=NumpyRequestCodec)
        return InferenceResponse(
            model_name=self.name, outputs=[NumpyCodec.encode_output("predictions", self.run(rows))]
        )
