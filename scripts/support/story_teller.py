"""Tells stories: makes the load that a story asks for, and knows from backlogd's page and from the
notifications how far it is."""

import collections

from support.stories import AwaitMembers, Do, Start, Stop

CLUSTER = "demo"


class Telling:
    """One story. Its owner calls one of begin_calm(), begin_trouble(), begin_cure() after the
    other, and go_on() with every page."""

    def __init__(self, story, load):
        self.story = story
        self.seen = False  # that backlogd said what it must, once since begin_trouble()
        self.said = set()  # (status, cause) of all pages since then
        self._load = load
        self._acts = collections.deque()
        self._in_trouble = False

    def begin_calm(self):
        self._begin(self.story.calm)

    def begin_early(self):
        self._begin(self.story.early)

    def begin_trouble(self):
        self._in_trouble = True
        self._begin(self.story.trouble)

    def begin_cure(self):
        self._in_trouble = False
        self._begin(self.story.cure)

    def go_on(self, page):
        """Does what is next to do, and looks."""
        self._act(page)
        if self._in_trouble:
            said = verdict(page, self.story.group)
            self.said.add(said)
            self.seen = self.seen or self._is_evident(page, said)

    def is_calm(self, page):
        """The group is ok, and backlogd knows what is normal for it."""
        if not self.story.calm:
            return True
        rates = [self._value(page, f"backlogd_group_{rate}_baseline_records_per_second")
                 for rate in ("inflow", "consumption")]
        return verdict(page, self.story.group)[0] == "ok" and None not in rates

    def arrived(self, notifications, status="firing"):
        """Those of its alert."""
        return [each for each in notifications if each.status == status and self.is_its(each)]

    def is_its(self, notification):
        alert = self.story.alert
        return (alert is not None and notification.alert == alert.name
                and notification.labels.get(alert.about) == alert.value)

    def _is_evident(self, page, said):
        if not self.story.group:
            return True
        wanted = (self.story.status or "ok", self.story.cause)
        fits = said[0] == wanted[0] and wanted[1] in (None, said[1])
        return fits and self.story.evidence(lambda name, **labels: self._value(page, name,
                                                                               **labels))

    def _value(self, page, name, **labels):
        if not name.startswith("backlogd_dlq_"):
            labels["group"] = self.story.group
        return page.value(name, kafka_cluster=CLUSTER, **labels)

    def _begin(self, acts):
        self._acts.extend(acts)
        self._act(None)

    def _act(self, page):
        while self._acts:
            act = self._acts[0]
            if isinstance(act, AwaitMembers):
                if page is None or self._value(page, "backlogd_group_members") != act.count:
                    return
                page = None  # the next act changes what it says
            elif isinstance(act, Start):
                self._load.start(act.worker, act.command, act.flags)
            elif isinstance(act, Stop):
                self._load.stop(act.worker)
            elif isinstance(act, Do):
                self._load.do(act.act)
            self._acts.popleft()


def verdict(page, group):
    """(status, cause) of a group; None where the page says nothing."""
    return tuple(next(iter(page.by(f"backlogd_group_{name}", label, kafka_cluster=CLUSTER,
                                   group=group)), None)
                 for name, label in (("status", "status"), ("backlog_cause", "cause")))


class Programme:
    """All stories, one after the other: calm times for all at once, then a trouble at a time. A
    story is over when backlogd and its notification have said it and a reader had time to read,
    or when its time is up; its cure takes effect while the next one begins."""

    READ_SECONDS = 4
    CALM_SECONDS = 60  # at most
    TROUBLE_SECONDS = 75  # at most

    def __init__(self, stories, load, received, clock):
        self._tellings = [Telling(story, load) for story in stories]
        self._received = received
        self._clock = clock
        self._at = None  # index of the story that is told; None: calm times
        self._since = clock()
        self._told_at = None

    def begin(self):
        for telling in self._tellings:
            telling.begin_calm()

    def go_on(self, page):
        """With the newest page, every second or so."""
        for telling in self._tellings:
            telling.go_on(page)
        elapsed = self._clock() - self._since
        if self._at is None:
            if (elapsed > self.CALM_SECONDS
                    or all(telling.is_calm(page) for telling in self._tellings)):
                self._next()
        elif self._at < len(self._tellings):
            self._judge(self._tellings[self._at], elapsed)

    def title(self):
        """What is on, for a line of the screen."""
        count = len(self._tellings)
        if self._at is None:
            return "calm times: everybody keeps up, and backlogd learns what is normal"
        if self._at >= count:
            return f"all told ({count} of {count}): the last backlogs drain"
        story = self._tellings[self._at].story
        return f"{self._at + 1}/{count} {story.name}: {story.label}"

    def _judge(self, telling, elapsed):
        done = telling.seen and (telling.story.alert is None
                                 or telling.arrived(self._received()))
        if done and self._told_at is None:
            self._told_at = self._clock()
        read = self._told_at is not None and self._clock() - self._told_at > self.READ_SECONDS
        if read or elapsed > self.TROUBLE_SECONDS:
            telling.begin_cure()
            self._next()

    def _next(self):
        self._at = 0 if self._at is None else self._at + 1
        self._since = self._clock()
        self._told_at = None
        if self._at < len(self._tellings):
            self._tellings[self._at].begin_trouble()
