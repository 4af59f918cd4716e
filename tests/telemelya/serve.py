"""Run by Telemelya's own environment: its server, a Redis in memory, and a bucket that holds nothing, on loopback.

python serve.py PORT
"""

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import uvicorn
from fakeredis import TcpFakeServer


class EmptyBucket(BaseHTTPRequestHandler):
    """An S3 server of which only this is asked: whether the bucket is there."""

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing."""


def main() -> None:
    redis = TcpFakeServer(("127.0.0.1", 0))
    bucket = ThreadingHTTPServer(("127.0.0.1", 0), EmptyBucket)
    for server in (redis, bucket):
        Thread(target=server.serve_forever, daemon=True).start()
    os.environ["REDIS_URL"] = f"redis://127.0.0.1:{redis.server_address[1]}/0"
    os.environ["MINIO_ENDPOINT"] = f"127.0.0.1:{bucket.server_address[1]}"
    os.environ["STRICT_EDIT"] = "true"
    from telemelya.server.app import app  # it reads the environment when it is loaded

    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=False)


if __name__ == "__main__":
    main()
