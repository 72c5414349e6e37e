"""Runs a command at a pseudo-terminal and answers what it asks.

usage: terminal.py STEPS COMMAND [ARG ...]

STEPS is JSON: a list of [pattern, answer], in order; each answer is typed once its pattern has been printed since the last answer. An
answer of null closes the terminal, as a lost connection does. The output goes to standard output, the exit code is the command's, or
128 and the signal's number.
"""

import json
import os
import pty
import re
import select
import sys
import time

SECONDS = 90


def main() -> int:
    steps = json.loads(sys.argv[1])
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(sys.argv[2], sys.argv[2:])
    seen = ""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        ready, _, _ = select.select([terminal], [], [], 0.2)
        if ready:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                break
            if not data:
                break
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
            seen += data.decode("utf-8", "replace")
        while steps and re.search(steps[0][0], seen):
            _, answer = steps.pop(0)
            seen = ""
            time.sleep(0.15)
            if answer is None:
                os.close(terminal)
                _, status = os.waitpid(pid, 0)
                return code_of(status)
            os.write(terminal, answer.encode())
    else:
        os.kill(pid, 9)
        print(f"\nterminal.py: no end within {SECONDS} s, waiting for {steps}", file=sys.stderr)
    _, status = os.waitpid(pid, 0)
    return code_of(status)


def code_of(status: int) -> int:
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


sys.exit(main())
