#!/usr/bin/env python3
"""Puts reports or commands on a queue of Plenum over the STOMP bridge of OpenMQ: what a system needs that has no Java. Nothing but Python 3.

    stomp_producer.py --port 7672 --queue PlenumReportQueue FILE...

Each file is one message. It is sent persistently and asks for a receipt; a receipt means that the broker has it on disk. Without one, send it again:
Plenum knows a message by its businessKey. Ends with 0 when all have a receipt.
"""
import argparse
import socket
import sys
import uuid


def frame(command, headers, body=b""):
    head = "".join(f"{name}:{value}\n" for name, value in headers.items())
    return f"{command}\n{head}\n".encode() + body + b"\0"


class Connection:
    def __init__(self, host, port, user, password, seconds):
        self.socket = socket.create_connection((host, port), seconds)
        self.input = self.socket.makefile("rb")
        self.socket.sendall(frame("CONNECT", {"login": user, "passcode": password, "accept-version": "1.0", "host": host}))
        self.expect("CONNECTED")

    def send(self, queue, text):
        """Returns when the broker has the text on disk."""
        receipt = str(uuid.uuid4())
        # No content-length: with it the bridge makes a BytesMessage, which Plenum refuses. So no NUL in the text, which JSON has none of.
        # No header with a '-' that is not STOMP's own: the bridge makes properties of them, and JMS forbids such names.
        self.socket.sendall(frame("SEND", {"destination": f"/queue/{queue}", "persistent": "true", "receipt": receipt}, text.encode()))
        if self.expect("RECEIPT").get("receipt-id") != receipt:
            raise OSError("the receipt of another message came")

    def expect(self, wanted):
        command, headers, body = self.read()
        if command != wanted:
            why = headers.get("message") or body.decode(errors="replace").partition("\n")[0]
            raise OSError(f"{command or 'the connection ended'} {why}")
        return headers

    def read(self):
        command = self.line()
        while command == "\n":
            command = self.line()
        headers = {}
        for line in iter(self.line, "\n"):
            if not line:
                raise OSError("the connection ended")
            name, _, value = line.rstrip("\n").partition(":")
            headers.setdefault(name, value)
        length = headers.get("content-length")
        body = self.input.read(int(length) + 1)[:-1] if length else b"".join(iter(lambda: self.input.read(1).strip(b"\0"), b""))
        return command.strip(), headers, body

    def line(self):
        return self.input.readline().decode().replace("\r", "")


def main():
    options = argparse.ArgumentParser(description="Sends messages to a queue of Plenum over STOMP.")
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=7672)
    options.add_argument("--user", default="guest")
    options.add_argument("--password", default="guest")
    options.add_argument("--queue", default="PlenumReportQueue")
    options.add_argument("--seconds", type=float, default=10, help="how long to wait for the broker")
    options.add_argument("files", nargs="+", metavar="FILE")
    given = options.parse_args()
    try:
        connection = Connection(given.host, given.port, given.user, given.password, given.seconds)
        for name in given.files:
            with open(name, encoding="utf-8") as file:
                connection.send(given.queue, file.read())
            print(f"{name}: the broker has it")
    except (OSError, ValueError) as fault:
        print(f"stomp_producer: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
