"""A way to the database through which a test can hold back connections or answers."""

import contextlib
import os
import socket
import threading


class Relay:
    """A socket that passes bytes between its clients and the database.

    is_shut: new connections are taken and not served. room: so many bytes of answers pass on a
    connection, until the relay is widened; None: all.
    """

    def __init__(self, home, name, room=None):
        self.directory = home.folder("relay-" + name)
        self.beyond = str(home.path / ".s.PGSQL.5432")
        self.room = room
        self.is_wide = threading.Event()
        self.is_shut = False
        self.held = []
        self.clients = 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.directory / ".s.PGSQL.5432"))
        os.chmod(self.directory / ".s.PGSQL.5432", 0o777)
        self.listener.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                client = self.listener.accept()[0]
                if self.is_shut:
                    self.held.append(client)
                    continue
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.beyond)
                self.clients += 1
                for ends in ((client, server, None), (server, client, self.room)):
                    threading.Thread(target=self.relay, args=ends, daemon=True).start()

    def relay(self, one, other, room):
        passed = 0
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                if room is not None and passed > room:
                    self.is_wide.wait()
                other.sendall(data)
                passed += len(data)
            other.shutdown(socket.SHUT_WR)

    def close(self):
        self.is_wide.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for client in self.held:
            client.close()
