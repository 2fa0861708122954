"""Running the site: a production server with threads, and beside it the worker."""

import signal
import subprocess
import sys
from types import FrameType

from waitress.server import create_server

from kb.library import Library, open_library
from kb.settings import Settings
from web import create_app

_STOP_WAIT_S = 15


def run(worker_command: list[str] | None) -> None:
    """Serve until SIGINT or SIGTERM, then stop web and worker.

    Args:
        worker_command: started as a child process if given; stopped with the web.
    """
    settings = Settings.from_env()
    library = open_library(settings)
    server = create_server(
        create_app(library, settings), host=settings.host, port=settings.port, threads=8, ident=None
    )
    worker = subprocess.Popen(worker_command) if worker_command else None  # noqa: S603 - our own
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
            _stop(worker)
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


def _stop(worker: subprocess.Popen[bytes]) -> None:
    worker.terminate()
    try:
        worker.wait(_STOP_WAIT_S)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
