#!/usr/bin/python3
"""An FTP client for the cases of diagnose: lists again and again, says what it saw."""
import ftplib
import os
import sys
import threading
import time


def attempt(address, manner):
    try:
        ftp = ftplib.FTP(timeout=3)
        ftp.connect(address, 21)
        ftp.login()
        ftp.set_pasv(manner != "active")
        lines = []
        if manner == "quiet":
            lines.append(ftp.voidcmd("NOOP"))
        else:
            ftp.retrlines("LIST", lines.append)
        saw = "answered" if lines else "closed"
        ftp.quit()
    except TimeoutError:
        saw = "timeout"
    except ConnectionRefusedError:
        saw = "refused"
    except ftplib.error_temp:
        saw = "no-data"
    except OSError as error:
        saw = error.strerror.replace(" ", "-").lower()
    os.write(1, saw.encode() + b"\n")


def main():
    address, manner = sys.argv[1:3]
    while True:
        threading.Thread(target=attempt, args=(address, manner), daemon=True).start()
        time.sleep(1)


main()
