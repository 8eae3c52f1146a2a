"""A bare ASGI callable: no framework at all. /floor reads the body and answers a constant."""

import orjson
from model import predict

NUMPY = orjson.OPT_SERIALIZE_NUMPY
STATIC = b'{"predictions":[[0.5,0.5]]}'
HEADERS = [(b"content-type", b"application/json")]


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    answer = STATIC
    if scope["path"] != "/floor":
        answer = orjson.dumps({"predictions": predict(orjson.loads(body)["instances"])}, option=NUMPY)
    length = (b"content-length", str(len(answer)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [*HEADERS, length]})
    await send({"type": "http.response.body", "body": answer})
