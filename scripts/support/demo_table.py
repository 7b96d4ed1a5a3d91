"""What the demo says of a page of /metrics: a table of groups, and how the last poll went."""

import unicodedata


def printable(text):
    """Group names hold anything; a terminal obeys what is not printable."""
    return "".join(character if character.isprintable()
                   else character.encode("unicode_escape").decode() for character in text)


def width(text):
    """Columns of a terminal."""
    return sum(0 if unicodedata.combining(character)
               else 2 if unicodedata.east_asian_width(character) in "WF" else 1
               for character in text)


def cut(text, columns):
    if width(text) <= columns:
        return text
    while text and width(text) >= columns:
        text = text[:-1]
    return f"{text}…"


def text_of(value):
    """Unknown is not 0."""
    return "?" if value is None else f"{value:,.0f}"


def age_of(seconds):
    """12s, 3m, 5h, 2d: what a person would say."""
    if seconds is None:
        return "?"
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size:.0f}{unit}"
    return f"{seconds:.0f}s"


def rows(page, cluster):
    """A line a group, the largest lag first."""
    labels = {"kafka_cluster": cluster}
    states = dict(page.by("backlogd_group_state", "group", "state", **labels).keys())
    lags = page.by("backlogd_group_lag_records", "group", **labels)
    ages = page.by("backlogd_group_lag_seconds", "group", **labels)
    members = page.by("backlogd_group_members", "group", **labels)
    statuses = dict(page.by("backlogd_group_status", "group", "status", **labels).keys())
    causes = dict(page.by("backlogd_group_backlog_cause", "group", "cause", **labels).keys())
    for group in sorted(states, key=lambda name: (-lags.get(name, -1), name)):
        yield (printable(group), states[group], text_of(members.get(group)),
               text_of(lags.get(group)), age_of(ages.get(group)), statuses.get(group, "?"),
               causes.get(group, ""))


def table(found, lines=None, columns=None):
    """The rows as text: at most `lines` of `columns`. Where it is narrow, names are cut first."""
    head = ("GROUP", "STATE", "MEMBERS", "LAG (RECORDS)", "LATE", "STATUS", "CAUSE")
    numbers = (2, 3, 4)
    found = [head, *found]
    kept = found
    if lines is not None and len(found) > lines:
        kept = found[:max(1, lines - 1)]
    widths = [max(width(row[i]) for row in kept) for i in range(len(head))]
    if columns is not None:
        others = sum(widths[1:]) + 2 * (len(head) - 1)
        widths[0] = max(len(head[0]), min(widths[0], columns - others))
    for row in kept:
        row = (cut(row[0], widths[0]), *row[1:])
        cells = []
        for i, text in enumerate(row):
            blanks = " " * (widths[i] - width(text))
            cells.append(blanks + text if i in numbers else text + blanks)
        line = "  ".join(cells).rstrip()
        yield line if columns is None else cut(line, columns)
    if len(kept) < len(found):
        yield f"... and {len(found) - len(kept)} groups more"


def failures(page, before, cluster):
    """What went wrong since `before` (or ever): "metadata timeout, log_ends timeout"."""
    name = "backlogd_poll_failures_total"
    old = before.by(name, "step", "reason", kafka_cluster=cluster) if before else {}
    return ", ".join(f"{step} {reason}" for (step, reason), count in
                     page.by(name, "step", "reason", kafka_cluster=cluster).items()
                     if count > old.get((step, reason), 0))


class Verdict:
    """Whether the cluster could be polled; if not, why, also while no further poll has failed."""

    def __init__(self, cluster):
        self._cluster = cluster
        self._before = None
        self._why = ""

    def of(self, page):
        up = page.value("backlogd_up", kafka_cluster=self._cluster)
        self._why = "" if up == 1 else (failures(page, self._before, self._cluster) or self._why)
        self._before = page
        if up is None:
            return "first poll runs"
        return "up" if up == 1 else f"NOT up: {self._why or 'reason not known'}"
