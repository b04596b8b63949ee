"""A bad network on this machine: a TCP port of 127.0.0.1 that carries bytes to a Unix socket as well as it is told."""

import asyncio
import socket
import struct
import threading
from collections.abc import Coroutine
from pathlib import Path

RESET = struct.pack("ii", 1, 0)  # SO_LINGER with no patience: close() sends RST instead of FIN
PIECE_EVERY = 0.05


class Proxy:
    """One listener; set its attributes at any time, `heal()` makes the network good again.

    `latency` delays each piece by so many seconds, `rate` lets through so many bytes a second, `silent` swallows bytes
    and closings without a word. A connection that lost bytes stays silent for ever, as behind a router that forgot it.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.heal()
        self._loop = asyncio.new_event_loop()
        self._lines: set[_Line] = set()
        # Only this thread runs the loop: the browser's tests leave one running in the main thread.
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port: int = self._server.sockets[0].getsockname()[1]

    def heal(self) -> None:
        self.latency, self.rate, self.silent = 0.0, 0, False

    def reset(self) -> None:
        """Break every connection with RST."""
        self._do(self._reset())

    def close(self) -> None:
        self.reset()
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _do(self, work: Coroutine):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(5)

    async def _end(self) -> None:
        self._server.close()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _reset(self) -> None:
        for line in list(self._lines):
            line.reset()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_unix_connection(self.target)
        except OSError:
            writer.transport.abort()
            return
        line = _Line(self, writer, far_writer)
        self._lines.add(line)
        try:
            await asyncio.gather(line.carry(reader, far_writer), line.carry(far_reader, writer))
        except asyncio.CancelledError:
            pass  # the proxy is closed
        finally:
            self._lines.discard(line)


class _Line:
    """One connection through the proxy."""

    def __init__(self, proxy: Proxy, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self.proxy, self.near, self.far = proxy, near, far
        self.lost = False

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                await self._send(data, writer)
        except OSError:
            pass
        if not (self.lost or self.proxy.silent):
            writer.close()

    async def _send(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        if self.proxy.latency:
            await asyncio.sleep(self.proxy.latency)
        while data:
            if self.proxy.silent or self.lost:
                self.lost = True
                return
            rate = self.proxy.rate
            size = max(1, int(rate * PIECE_EVERY)) if rate else len(data)
            writer.write(data[:size])
            await writer.drain()
            data = data[size:]
            if data:
                await asyncio.sleep(PIECE_EVERY)

    def reset(self) -> None:
        for writer in (self.near, self.far):
            sock = writer.get_extra_info("socket")
            if sock is not None and sock.fileno() != -1 and sock.family == socket.AF_INET:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()
