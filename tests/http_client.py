"""Requests to the application of a service, and Arrow streams to send."""

import asyncio
import threading

import httpx
import pyarrow as pa

CSV, ARROW = "text/csv", "application/vnd.apache.arrow.stream"


class Client:
    """Sends requests to an application, from a thread, since playwright has a loop in this one."""

    def __init__(self, file, app, raise_errors=True):
        self.file, self.loop = file, asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        transport = httpx.ASGITransport(app, raise_app_exceptions=raise_errors)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")

    def run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def at_once(self, *requests):
        """The answers to requests, given as methods, paths and options."""

        async def ask():
            asked = (self.http.request(verb, path, **more) for verb, path, more in requests)
            return await asyncio.gather(*asked)

        return self.run(ask())

    def request(self, verb, path, **more):
        return self.at_once((verb, path, more))[0]

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, **more):
        return self.request("POST", path, **more)

    def close(self):
        self.run(self.http.aclose())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


def stream(table, compression=None):
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=7)
    return sink.getvalue().to_pybytes()
