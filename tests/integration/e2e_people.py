"""What people hear of troubles and of their ends, by the configuration that we ship."""

import re

from support import demo
from support.alertmanager import Alertmanager, shipped_config
from support.receiver import Receiver
from support.story_teller import CLUSTER

# Not critical, and what they inhibit is not told of meanwhile, and neither is its end.
_MUTING = {"BacklogdClusterNotUp", "BacklogdGroupStuck", "BacklogdGroupWithoutMembers"}


def _key(labels):
    return tuple(sorted(labels.items()))


def is_mail(receiver):
    return receiver.endswith("-daily")


def told(messages, by=lambda receiver: True):
    """{labels, as pairs: firing or resolved}, as the last message to such a receiver says. Who is
    told that alerts get through is not a person."""
    return {_key(alert["labels"]): alert["status"] for message in messages
            if message["receiver"] != "dead-man" and by(message["receiver"])
            for alert in message["alerts"]}


def ends_not_told(alone, messages):
    """The labels of what is over, and of which people were told in the chat or by a page, but not of
    its end, nor of anything that may have muted it. `alone`: notifications of each alert by itself;
    `messages`: those to people."""
    now = {_key(each.labels): each.status for each in alone}
    known = told(messages, lambda receiver: not is_mail(receiver))
    return [dict(key) for key, status in known.items()
            if status == "firing" and now.get(key) == "resolved"
            and not any(other != key and _may_mute(dict(other), dict(key)) for other in known)]


def _may_mute(labels, other):
    """By the inhibitions of config/alertmanager.yml."""
    greater = labels["severity"] == "critical" or labels["alertname"] in _MUTING
    if not greater or labels.get("kafka_cluster") != other.get("kafka_cluster"):
        return False
    about = [labels.get("group"), labels.get("topic")]
    return not any(about) or any(
        one and one == another for one, another in zip(about, (other.get("group"),
                                                               other.get("topic"))))


class _Slack(Receiver):
    """What is posted there."""

    def receive(self, message):
        with self._lock:
            self._messages += message["attachments"]


class People:
    """Whatever was muted or put into one message: they hear of each trouble, who, how much, since
    when, what to do and where to look; and, but for what only the mail of the morning tells, when
    it is over."""

    def __init__(self, stack):
        self._receiver = stack.enter_context(Receiver())
        self._slack = stack.enter_context(_Slack())
        alertmanager = stack.enter_context(Alertmanager(self._receiver.url, shipped_config(
            self._receiver.url, demo.ALERTS_FASTER, slack_url=self._slack.url)))
        self.address = alertmanager.address

    def firing(self):
        """All notifications about the stories' cluster so far that tell of a trouble."""
        return [each for each in self._receiver.received()
                if each.status == "firing" and each.labels.get("kafka_cluster") == CLUSTER]

    def told(self, by=lambda receiver: True):
        return told(self._receiver.messages(), by)

    def ends_not_told(self, alone):
        return ends_not_told(alone, self._receiver.messages())

    def demand_said(self, case, notification):
        said = [message for message in self._slack.messages()
                if re.match("(Critical|Warning|Info): ", message["title"])]
        words = " ".join(notification.annotations["description"].split())[:500]
        for plain, escaped in ("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"):
            words = words.replace(plain, escaped)
        # Of the many that are late in one message the last ones are only counted.
        found = [message for message in said if words in message["text"]]
        if not found and any(" more>" in message["text"]
                             and notification.annotations["runbook_url"] in message["text"]
                             for message in said):
            return
        case.assertTrue(found, notification.line())
        for message in found:
            case.assertRegex(message["text"],
                             rf"(?s)\*{re.escape(notification.what)}.*\({CLUSTER}\)")
            case.assertRegex(message["text"], r"Since \d{4}-\d\d-\d\d \d\d:\d\d")
            case.assertRegex(message["text"], r"To do: [A-Z]")
            for link in "runbook_url", "dashboard_url":
                address = notification.annotations[link].replace("&", "&amp;")
                case.assertIn(address, message["text"] + message["title_link"])
