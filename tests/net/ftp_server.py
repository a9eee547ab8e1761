#!/usr/bin/python3
"""An FTP server of the smallest kind: logs anybody in, lists one file, passive and active."""
import socket
import sys
import threading

LISTING = b"-rw-r--r-- 1 0 0 4 Jan  1 00:00 file\r\n"


class Session:
    def __init__(self, control, address):
        self.control, self.address = control, address
        self.listener = self.target = None

    def say(self, text):
        self.control.sendall(text.encode() + b"\r\n")

    def passive(self):
        self.forget()
        self.listener = socket.create_server((self.address, 0))
        port = self.listener.getsockname()[1]
        numbers = self.address.split(".") + [str(port >> 8), str(port & 255)]
        self.say(f"227 Entering Passive Mode ({','.join(numbers)}).")

    def active(self, words):
        numbers = words.split(",")
        self.target = (".".join(numbers[:4]), int(numbers[4]) * 256 + int(numbers[5]))
        self.say("200 PORT command successful.")

    def data(self):
        if self.listener:
            self.listener.settimeout(20)
            return self.listener.accept()[0]
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((self.address, 20))
        s.settimeout(8)
        s.connect(self.target)
        return s

    def list_files(self):
        self.say("150 Here it comes.")
        try:
            s = self.data()
            s.sendall(LISTING)
            s.close()
            self.say("226 Done.")
        except OSError:
            self.say("425 No data connection.")

    def forget(self):
        if self.listener:
            self.listener.close()
        self.listener = None

    def serve(self):
        self.say("220 FTP server ready.")
        for line in self.control.makefile("r", encoding="ascii", newline="\r\n"):
            word, _, rest = line.strip().partition(" ")
            if word == "PASV":
                self.passive()
            elif word == "PORT":
                self.active(rest)
            elif word in ("LIST", "NLST"):
                self.list_files()
            elif word == "QUIT":
                self.say("221 Bye.")
                return
            else:
                self.say({"USER": "331 And the password?", "PASS": "230 Welcome."}.get(word, "200 Fine."))


def run(session):
    try:
        session.serve()
    except OSError:
        pass  # the client went away: its own business
    session.forget()
    session.control.close()


def main():
    address = sys.argv[1]
    s = socket.create_server((address, 21))
    print("ready", flush=True)
    while True:
        control, _ = s.accept()
        threading.Thread(target=run, args=(Session(control, address),), daemon=True).start()


main()
