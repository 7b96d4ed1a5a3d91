"""What the demo shows: on a terminal one screen that is drawn again and again, else plain lines."""

import shutil
import sys
import threading
import time

from support.demo_table import cut, table

_KEPT = 100  # notifications


class Screen:
    """`urls` is {name: URL}. `in_place`: whether somebody looks at a terminal."""

    def __init__(self, urls, in_place=None):
        self.in_place = sys.stdout.isatty() if in_place is None else in_place
        self._urls = urls
        self._lock = threading.Lock()  # notifications arrive in threads of their own
        self._notifications = []
        self._title = None

    def begin(self):
        if not self.in_place:
            self._print(*(f"{name}: {url}" for name, url in self._urls.items()))

    def notify(self, notification):
        """Shows it at once where lines are printed, else in the next screen."""
        with self._lock:
            self._notifications = [*self._notifications, notification.line()][-_KEPT:]
        if not self.in_place:
            self._print(f"notification: {notification.line()}")

    def title(self, title):
        """What is on from now on; None: only watching."""
        if title != self._title and title is not None and not self.in_place:
            self._print("", f"== {title}")
        self._title = title

    def show(self, said, found):
        """The table of groups, under what is `said` of the cluster."""
        if self.in_place:
            columns, lines = shutil.get_terminal_size()
            print("\x1b[H\x1b[J" + "\n".join(self.lines(said, found, columns, lines)), flush=True)
        else:
            self._print(f"{time.strftime('%H:%M:%S')} {said}",
                        *(f"  {line}" for line in table(found)))

    def lines(self, said, found, columns, lines):
        """The whole screen: at most `lines` - 1 of `columns`."""
        head = [*([self._title] if self._title else []), f"backlogd watches {said}",
                *(f"{name}: {url}" for name, url in self._urls.items()), ""]
        with self._lock:
            notifications = list(self._notifications)
        room = max(2, lines - len(head) - 3)
        shown = 0 if self._title is None else max(0, min(6, room - len(found) - 3))
        body = list(table(found, max(2, room - (shown + 2 if shown else 0)), columns))
        if shown:
            newest = notifications[-shown:] or ["none yet"]
            body += ["", "NOTIFICATIONS", *newest]
        text = [*head, *body, "", "Ctrl-C ends it."][:max(2, lines - 1)]
        return [cut(line, columns) for line in text]

    @staticmethod
    def _print(*lines):
        sys.stdout.write("".join(f"{line}\n" for line in lines))  # whole, whoever else prints
        sys.stdout.flush()
