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


def rows(page, before, cluster):
    """A line a group, the largest lag first. `before` is the page seen last, or None."""
    states = {labels["group"]: labels["state"] for labels, _ in
              page.series("backlogd_group_state", kafka_cluster=cluster)}
    lags = page.by("backlogd_group_lag_records", "group", kafka_cluster=cluster)
    old = before.by("backlogd_group_lag_records", "group", kafka_cluster=cluster) if before else {}
    members = page.by("backlogd_group_members", "group", kafka_cluster=cluster)
    for group in sorted(states, key=lambda name: (-lags.get(name, -1), name)):
        change = lags[group] - old[group] if group in lags and group in old else None
        yield (printable(group), states[group], text_of(members.get(group)),
               text_of(lags.get(group)), "" if change is None else f"{change:+,.0f}")


def table(found, lines=None, columns=None):
    """The rows as text: at most `lines` of `columns`. Where it is narrow, names are cut first."""
    head = ("GROUP", "STATE", "MEMBERS", "LAG (RECORDS)", "CHANGE")
    found = [head, *found]
    kept = found
    if lines is not None and len(found) > lines:
        kept = found[:max(1, lines - 1)]
    widths = [max(width(row[i]) for row in kept) for i in range(len(head))]
    if columns is not None:
        others = sum(widths[1:]) + 2 * (len(head) - 1)
        widths[0] = max(len(head[0]), min(widths[0], columns - others))
    for group, state, *numbers in kept:
        group = cut(group, widths[0])
        cells = [group + " " * (widths[0] - width(group)), state.ljust(widths[1])]
        cells += [number.rjust(wide) for number, wide in zip(numbers, widths[2:])]
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
