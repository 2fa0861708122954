"""Running the site: a production server with threads, and beside it the worker."""

import logging
import signal
import subprocess
import sys
import threading
from types import FrameType

from waitress.server import create_server

from kb import journal
from kb.library import Library, open_library
from kb.settings import Settings
from web import MAX_UPLOAD_BYTES, create_app

LOG = logging.getLogger(__name__)

_STOP_WAIT_S = 15
_LOOK_S = 2


def run(worker_command: list[str] | None) -> None:
    """Serve until SIGINT or SIGTERM, then stop web and worker.

    Args:
        worker_command: started as a child process if given; stopped with the web.
    """
    settings = Settings.from_env()
    journal.keep(settings.log, "web")
    library = open_library(settings)
    library.check_store()
    server = create_server(
        create_app(library, settings),
        host=settings.host,
        port=settings.port,
        threads=8,
        ident=None,
        # What is a little too large is refused by the application, in words; the rest is not even
        # written to a disk: by default it would be 1 GB of each request.
        max_request_body_size=2 * MAX_UPLOAD_BYTES,
        clear_untrusted_proxy_headers=False,  # web.proxied knows whom to believe
    )
    worker = _Worker(worker_command) if worker_command else None
    signal.signal(signal.SIGTERM, _interrupt)
    # Port 0 asks the system for a free one, so the address is told as it came out.
    address = f"http://{settings.host}:{server.effective_port}"
    sys.stdout.write(f"Serving on {address}\n")
    _welcome(library, settings.site_url.rstrip("/") or address)
    sys.stdout.flush()
    try:
        server.run()
    finally:
        server.close()
        if worker is not None:
            worker.stop()
        library.close()


def _welcome(library: Library, address: str) -> None:
    """Show the way in to whoever starts the site first; there is no password that others know."""
    secret = library.accounts.first_run()
    if secret:
        sys.stdout.write(
            f"Nobody can sign in yet. Become the first administrator at {address}/link/{secret}\n"
        )


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


class _Worker:
    """The worker beside the web, which is started again where it dies, as for want of memory."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._stopping = threading.Event()
        self._process = self._started()
        self._watch = threading.Thread(target=self._keep_running, daemon=True)
        self._watch.start()

    def stop(self) -> None:
        """Have it finish its step, and end it where that takes too long."""
        self._stopping.set()
        self._watch.join()
        self._process.terminate()
        try:
            self._process.wait(_STOP_WAIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _keep_running(self) -> None:
        while not self._stopping.wait(_LOOK_S):
            if self._process.poll() is not None:
                LOG.warning("the worker has ended with %s; starting it", self._process.returncode)
                self._process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command)  # noqa: S603 - our own
