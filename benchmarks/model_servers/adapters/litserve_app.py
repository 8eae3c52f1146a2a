"""LitServe. Usage: litserve_app.py PORT WORKERS [MAX_BATCH]"""

import sys

import litserve as ls

PORT, WORKERS = int(sys.argv[1]), int(sys.argv[2])
BATCH = int(sys.argv[3]) if len(sys.argv) > 3 else 1


class Api(ls.LitAPI):
    def setup(self, device):
        from model import predict

        self.run = predict

    def decode_request(self, request):
        return request["instances"]

    def predict(self, rows):
        return self.run(rows).tolist()

    def encode_response(self, output):
        return {"predictions": output}


class Batched(Api):
    """A batch is a list of requests: join their rows, predict once, cut the answer up again."""

    def batch(self, inputs):
        return [len(rows) for rows in inputs], [row for rows in inputs for row in rows]

    def predict(self, joined):
        sizes, rows = joined
        return sizes, self.run(rows).tolist()

    def unbatch(self, output):
        sizes, rows = output
        rows = iter(rows)
        return [[next(rows) for _ in range(size)] for size in sizes]


if __name__ == "__main__":
    if BATCH > 1:
        api = Batched(max_batch_size=BATCH, batch_timeout=0.002, api_path="/invocations")
    else:
        api = Api(api_path="/invocations")
    server = ls.LitServer(api, accelerator="cpu", workers_per_device=WORKERS, fast_queue=True, timeout=60)
    server.run(host="127.0.0.1", port=PORT, log_level="warning", access_log=False, generate_client_file=False)
