"""FastAPI the usual way: pydantic in and out, a `def` endpoint on the thread pool."""

from fastapi import FastAPI
from model import predict
from pydantic import BaseModel


class Request(BaseModel):
    instances: list[list[float]]


class Answer(BaseModel):
    predictions: list[list[float]]


app = FastAPI()


@app.post("/invocations")
def invocations(request: Request) -> Answer:
    return Answer(predictions=predict(request.instances).tolist())
