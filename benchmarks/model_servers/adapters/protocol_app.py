"""A hand-written asyncio.Protocol on uvloop and httptools: about the least that Python can spend on a request.

Usage: protocol_app.py PORT WORKERS. A yardstick, not a server: no limits, no time-outs, no drain.
"""

import asyncio
import os
import socket
import sys

import httptools
import orjson
import uvloop
from model import predict

NUMPY = orjson.OPT_SERIALIZE_NUMPY
STATIC = b'{"predictions":[[0.5,0.5]]}'
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"


class Http(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.parser, self.body = transport, httptools.HttpRequestParser(self), []

    def data_received(self, data):
        self.parser.feed_data(data)

    def on_message_begin(self):
        self.body = []

    def on_url(self, url):
        self.url = url

    def on_body(self, chunk):
        self.body.append(chunk)

    def on_message_complete(self):
        answer = STATIC
        if self.url != b"/floor":
            rows = orjson.loads(b"".join(self.body))["instances"]
            answer = orjson.dumps({"predictions": predict(rows)}, option=NUMPY)
        self.transport.write(HEAD % (len(answer), answer))


async def main(port):
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sock.bind(("127.0.0.1", port))
    server = await asyncio.get_running_loop().create_server(Http, sock=sock)
    await server.serve_forever()


for _ in range(int(sys.argv[2]) - 1):
    if os.fork() == 0:
        break
uvloop.run(main(int(sys.argv[1])))
