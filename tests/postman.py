"""A mail server on this computer that keeps what it is given."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Postman(socketserver.StreamRequestHandler):
    """Speaks as much SMTP (RFC 5321) as it takes to receive a letter."""

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def handle(self) -> None:
        self.say("220 localhost")
        for line in self.rfile:
            verb = line[:4].strip().upper()
            self.server.said.append(line.decode().strip())
            if verb == b"EHLO":
                self.say("250-localhost")
                self.say("250 AUTH PLAIN")
            elif verb == b"AUTH":
                self.say("235 welcome")
            elif verb == b"RCPT" and b"nobody@" in line:
                self.say("550 no such person")
            elif verb == b"DATA":
                self.say("354 go on")
                self.server.letters.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                self.say("250 taken")
            elif verb == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")


@contextmanager
def post_office(postman: type[Postman] = Postman) -> Iterator[socketserver.TCPServer]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), postman) as server:
        server.letters, server.said = [], []
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()
