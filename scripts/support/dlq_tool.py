"""backlogd-dlq, run against a cluster: to its end, or until it is killed."""

import json
import os
import subprocess

from support import emissions
from support.processes import spawn


def binary():
    """Path of the program: BACKLOGD_DLQ_BINARY."""
    return os.environ["BACKLOGD_DLQ_BINARY"]


def run(*arguments, seconds=60):
    """Runs the program to its end; returns subprocess.CompletedProcess with texts."""
    return emissions.keep_run(subprocess.run([binary(), *arguments], capture_output=True, text=True,
                                             timeout=seconds, stdin=subprocess.DEVNULL))


class DlqTool:
    """`arguments` come before those of each call."""

    def __init__(self, bootstrap_servers, *arguments):
        self._command = [binary(), f"--kafka.bootstrap-servers={bootstrap_servers}", *arguments]

    def run(self, *arguments, status=0, stdin="", seconds=60):
        """Returns subprocess.CompletedProcess with texts; demands this exit status."""
        result = subprocess.run([*self._command, *map(str, arguments)], capture_output=True,
                                text=True, timeout=seconds, input=stdin)
        emissions.keep_run(result)
        assert result.returncode == status, \
            f"exit status {result.returncode}, not {status}: {result.stderr[-3000:]}"
        return result

    def json_lines(self, *arguments):
        """What it prints with --output json: an object a line."""
        return [json.loads(line) for line in
                self.run("--output=json", *arguments).stdout.splitlines()]

    def start(self, *arguments, **options):
        """Returns the running subprocess.Popen; options are its own."""
        return spawn([*self._command, *map(str, arguments)], **options)
