"""Servers on loopback: a web server that can be told to fail, and a real XRootD server."""

from __future__ import annotations

import base64
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

_RANGE = re.compile(r"bytes=(\d+)-(\d+)")


class Web:
    """A web server that answers range requests, notes them, and fails when told to.

    Attributes
    ----------
    files : dict of str to bytes
    requests : list of (name, start, stop)
        What was asked of it.
    connections : int
        How often somebody connected.
    faults : deque of str
        What is wrong with the answers to the next requests, one each.
    always : str
        What is wrong with all answers after these.
    version : str
        ETag of all files; empty for none.
    login : str
        ``user:password``, or empty for none.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.requests: list[tuple[str, int, int]] = []
        self.connections = 0
        self.faults: deque[str] = deque()
        self.always = ""
        self.version = '"1"'
        self.login = ""
        self.over = threading.Event()
        web = self

        class Handler(_Handler):
            server_of = web

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"http://{self.host}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def add(self, path: Path, name: str = "") -> str:
        """Serve a file; return its URL."""
        self.files[name or path.name] = path.read_bytes()
        return f"{self.url}/{name or path.name}"

    def stop(self) -> None:
        """Take no connections any more."""
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of: Web
    timeout = 30

    def setup(self) -> None:
        self.server_of.connections += 1
        super().setup()

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        web = self.server_of
        name = self.path.partition("?")[0].lstrip("/")
        content = web.files.get(name)
        found = _RANGE.fullmatch(self.headers.get("Range", ""))
        assert found, "na64ana asks for ranges only"
        start, stop = int(found[1]), int(found[2]) + 1
        web.requests.append((name, start, stop))
        fault = web.faults.popleft() if web.faults else web.always
        basic = "Basic " + base64.b64encode(web.login.encode()).decode()
        if content is None:
            self._say(404)
        elif web.login and self.headers.get("Authorization") != basic:
            self._say(401)
        elif fault in ("busy", "forbidden", "lost"):
            self._say({"busy": 503, "forbidden": 403, "lost": 404}[fault])
        elif fault == "hang":
            web.over.wait(20)
            self.close_connection = True
        elif fault == "dead":
            self.close_connection = True
        elif fault == "whole":
            self._say(200, content)
        else:
            self._part(content, start, min(stop, len(content)), fault)

    def _part(self, content: bytes, start: int, stop: int, fault: str) -> None:
        if start >= stop:
            self._say(416, headers={"Content-Range": f"bytes */{len(content)}"})
            return
        if fault == "other part":
            start, stop = start + 1, stop + 1
        size = len(content) + (fault == "longer")
        headers = {"Content-Range": f"bytes {start}-{stop - 1}/{size}"}
        if fault == "no place":
            headers = {}
        if self.server_of.version:
            headers["ETag"] = '"2"' if fault == "new version" else self.server_of.version
        data = content[start:stop]
        if fault == "drip":
            self._say(206, b"", headers, len(data))
            while not self.server_of.over.wait(0.1):
                self.wfile.write(b"x")
                self.wfile.flush()
        sent = data[: len(data) // 2] if fault == "short" else data
        self._say(206, sent, headers, len(data))
        self.close_connection |= fault == "short"

    def _say(
        self, status: int, body: bytes = b"", headers: dict[str, str] | None = None, size: int = -1
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if size < 0 else size))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    yield server
    server.stop()


class XRootD:
    """A real XRootD server over a folder."""

    def __init__(self, program: str, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        for name in ("data", "admin", "run"):
            (folder / name).mkdir()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"root://127.0.0.1:{self.port}/"
        config = folder / "xrootd.cfg"
        config.write_text(
            f"xrd.port {self.port}\nall.export /\noss.localroot {self.data}\n"
            f"all.adminpath {folder}/admin\nall.pidpath {folder}/run\n"
        )
        self._command = [program, "-c", str(config), "-l", str(folder / "log"), "-n", "test"]
        if os.geteuid() == 0:  # it refuses to run as root
            self._command += ["-R", "xrootd"]
            user = pwd.getpwnam("xrootd")
            for path in (folder, *folder.rglob("*")):
                os.chown(path, user.pw_uid, user.pw_gid)
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def add(self, path: Path, name: str = "") -> str:
        """Serve a file; return its URL."""
        copy = self.data / (name or path.name)
        shutil.copyfile(path, copy)
        copy.chmod(0o644)
        return f"{self.url}/{copy.name}"

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        self._process = subprocess.Popen(
            self._command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        pytest.fail("the XRootD server does not start")

    def send(self, signal: int) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(signal)

    def stop(self) -> None:
        """Kill it, as a crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture
def xrootd() -> Iterator[XRootD]:
    """A real XRootD server; the test is skipped where its program is not installed."""
    pytest.importorskip("XRootD", reason="the client of XRootD is not installed (extra xrootd)")
    program = shutil.which("xrootd")
    if program is None:
        pytest.skip("no XRootD server here (Debian: apt-get install xrootd-server)")
    # not in pytest's folder, which the server's own user may not enter
    with tempfile.TemporaryDirectory(prefix="na64ana-xrootd-") as folder:
        Path(folder).chmod(0o755)
        server = XRootD(program, Path(folder))
        yield server
        server.stop()
