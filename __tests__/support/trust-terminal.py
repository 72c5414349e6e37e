"""Runs a program at a terminal of its own, types into it, and tells how it ended.

Reads a JSON object from standard input: `argv`, `cwd`, `env`, `steps` and `seconds`. Each step waits until its `wait` (a regular
expression) occurs in what the program has written since the step before. Then `append` adds a text to a file, `send` types a text, `close`
takes the terminal away, as the end of a remote session does, `signal` sends a signal by its name. Writes a JSON object: `status`
(the exit code, or a negative signal), `output`, and `missed`: the step that never came to its turn.
"""

import json
import os
import pty
import re
import select
import signal
import sys
import time


def main() -> None:
    task = json.load(sys.stdin)
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(task["cwd"])
        if task.get("uid"):
            os.setgroups([])
            os.setgid(task["uid"])
            os.setuid(task["uid"])
        os.execvpe(task["argv"][0], task["argv"], task["env"])
    end = time.monotonic() + task["seconds"]
    output = b""
    seen = 0
    steps = list(task["steps"])
    is_open = True
    status = None
    while status is None and time.monotonic() < end:
        if is_open and select.select([terminal], [], [], 0.02)[0]:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                data = b""
            if data == b"":
                is_open = False
                os.close(terminal)
            output += data
        elif not is_open:
            time.sleep(0.02)
        if is_open and steps and (found := re.search(steps[0]["wait"].encode(), output[seen:])):
            step = steps.pop(0)
            seen += found.end()
            # A prompt listens from the moment after it has been drawn.
            time.sleep(0.15)
            if "append" in step:
                # As an editor saves a file while a question waits.
                path, text = step["append"]
                with open(os.path.join(task["cwd"], path), "a") as file:
                    file.write(text)
            if "send" in step:
                os.write(terminal, step["send"].encode())
            if "signal" in step:
                os.kill(pid, signal.Signals[step["signal"]])
            if step.get("close"):
                is_open = False
                os.close(terminal)
        ended, code = os.waitpid(pid, os.WNOHANG)
        if ended:
            status = os.waitstatus_to_exitcode(code)
    if status is None:
        os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    while is_open and select.select([terminal], [], [], 0)[0]:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        if data == b"":
            break
        output += data
    missed = steps[0]["wait"] if steps else None
    json.dump({"status": status, "output": output.decode(errors="replace"), "missed": missed}, sys.stdout)


main()
