"""alerts/templates: the messages that a real Alertmanager makes of them, word for word.

BACKLOGD_UPDATE_GOLDEN=1 rewrites tests/data/notifications: read the difference.
"""

import datetime
import json
import os
import re
import unittest

import catalog
import message_cases
from message_sinks import MailSink, WebSink
from support.alertmanager import Alertmanager, read_shipped
from support.processes import wait_until

_TEMPLATES = catalog.REPOSITORY / "alerts" / "templates"
_GOLDEN = catalog.REPOSITORY / "tests" / "data" / "notifications"
_LANGUAGES = ("en", "zh-CN")
_MEDIA = ("title", "text", "slack", "wecom", "email")
_SECONDS = 20
# Of what begins when it is posted.
_NOW = {r"20\d\d-\d\d-\d\d \d\d:\d\d UTC": "TIME", r"(after |持续 )\d+s": r"\1A WHILE"}
_CASE = "{{ .GroupLabels.case }}"


class _Alertmanager(Alertmanager):
    def arguments(self):
        return [*super().arguments(), "--web.external-url=http://alertmanager.example"]


def in_language(value, language):
    """Settings that name templates, with those of the language."""
    text = json.dumps(value).replace("backlogd.zh-CN.", "backlogd.")
    if language != "en":
        text = text.replace('\\"backlogd.', f'\\"backlogd.{language}.')
    return json.loads(text)


def receiver(language, web, mail):
    """All that the shipped configuration knows to send, in a language, to our sinks."""
    shipped = {one["name"]: one for one in read_shipped()["receivers"]}
    slack = shipped["platform-chat"]["slack_configs"][0]
    slack = {**slack, "api_url": f"http://{web}/slack/{language}", "channel": _CASE}
    pager = dict(shipped["platform-page"]["pagerduty_configs"][0])
    del pager["routing_key_file"]
    pager |= {"routing_key": "key", "url": f"http://{web}/pagerduty/{language}", "group": _CASE}
    wecom = {**shipped["orders-chat"]["wechat_configs"][0],
             "api_url": f"http://{web}/wecom/{language}/", "to_party": _CASE}
    letter = {**shipped["platform-daily"]["email_configs"][0], "to": f"{_CASE}@{language}.example",
              "send_resolved": True, "from": "a@example.com", "smarthost": mail,
              "require_tls": False}
    return {"name": language, "slack_configs": [in_language(slack, language)],
            "pagerduty_configs": [in_language(pager, language)],
            "wechat_configs": [in_language(wecom, language)],
            "email_configs": [in_language(letter, language)]}


def config(web, mail):
    return {
        "templates": [str(_TEMPLATES / "*.tmpl")],
        "route": {"receiver": "en", "group_by": ["case"], "group_wait": "1s",
                  "group_interval": "500ms", "repeat_interval": "1h",
                  "routes": [{"receiver": language, "continue": True} for language in _LANGUAGES]},
        "receivers": [receiver(language, web, mail) for language in _LANGUAGES],
    }


def sorted_out(web, mail):
    """By (case, language), a list of (medium, text, message) in the order of arrival."""
    found = {}
    for path, body in web:
        service, language = path.strip("/").split("/")[:2]
        if service == "slack":
            part, = body["attachments"]
            found.setdefault((body["channel"], language), []).append(
                ("slack", f"{part['title']}\n{part['title_link']}\n{part['color']}\n{part['text']}",
                 body))
        elif service == "wecom":
            found.setdefault((body["toparty"], language), []).append(
                ("wecom", body["text"]["content"], body))
        elif body["event_action"] == "trigger":
            found.setdefault((body["payload"]["group"], language), []).append(
                ("page", body["payload"]["summary"], body))
    for letter, in mail:
        case, domain = letter["To"].split("@")
        parts = {part.get_content_type(): part.get_content() for part in letter.walk()
                 if not part.is_multipart()}
        found.setdefault((case, domain.removesuffix(".example")), []).extend([
            ("title", letter["Subject"], letter), ("text", parts["text/plain"], letter),
            ("email", parts["text/html"], letter)])
    return found


def media_due(alerts):
    """Where a message about these stands: a page is only sent while something fires."""
    return {*_MEDIA, "page"} if any("endsAt" not in one for one in alerts) else {*_MEDIA}


class MessagesTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        os.environ["TZ"] = "UTC"
        with WebSink() as web, MailSink() as mail, \
                _Alertmanager("", config(web.address, mail.address)) as alertmanager:
            cls.first = cls.exchange(alertmanager, web, mail, 0)
            cls.second = cls.exchange(alertmanager, web, mail, 1)

    @classmethod
    def exchange(cls, alertmanager, web, mail, turn):
        """Posts what each case says for this turn; returns {(case, language): {medium: text}}."""
        before = len(web.kept()), len(mail.kept())
        posted = {case: turns[turn] for case, turns in message_cases.CASES.items() if turns[turn]}
        alertmanager.post([cls.prepared(alert, case)
                           for case, alerts in posted.items() for alert in alerts])

        def arrived():
            found = sorted_out(web.kept()[before[0]:], mail.kept()[before[1]:])
            return found if all(
                media_due(alerts) <= {medium for medium, _, _ in found.get((case, language), [])}
                for case, alerts in posted.items() for language in _LANGUAGES) else None

        return wait_until(arrived, _SECONDS, "a message of each kind")

    @staticmethod
    def prepared(alert, case):
        posted = {**alert, "labels": {**alert["labels"], "case": case}}
        if posted.get("endsAt", "") is None:
            posted["endsAt"] = datetime.datetime.now(datetime.timezone.utc).isoformat()
        return posted

    def told(self, case, language):
        """{medium: text}: the message of the last turn, without the times that differ."""
        first, second = message_cases.CASES[case]
        messages = (self.second if second else self.first)[case, language]
        told = {medium: text.replace("\r\n", "\n") for medium, text, _ in messages}
        if "startsAt" not in first[0]:
            for pattern, word in _NOW.items():
                told = {medium: re.sub(pattern, word, text) for medium, text in told.items()}
        return told

    def test_are_word_for_word_as_expected(self):
        for case in message_cases.CASES.keys() - {"long"}:  # of which only the length matters
            for language in _LANGUAGES:
                with self.subTest(f"{case} {language}"):
                    told = self.told(case, language)
                    text = "".join(f"=== {medium}\n{told[medium].strip()}\n" for medium in _MEDIA)
                    path = _GOLDEN / f"{case}.{language}.txt"
                    if os.environ.get("BACKLOGD_UPDATE_GOLDEN"):
                        path.write_text(text, encoding="utf-8")
                    self.assertEqual(text, path.read_text(encoding="utf-8"))

    def test_each_is_sent_once(self):
        for found in (self.first, self.second):
            for case, messages in found.items():
                media = [medium for medium, _, _ in messages]
                self.assertEqual(len(media), len(set(media)), case)

    def test_pages_carry_a_severity_and_the_text(self):
        for case, language in self.first:
            (_, summary, page), = [one for one in self.first[case, language] if one[0] == "page"]
            with self.subTest(f"{case} {language}"):
                told = {medium: text for medium, text, _ in self.first[case, language]}
                self.assertIn(page["payload"]["severity"], ("critical", "error", "warning", "info"))
                self.assertEqual(summary, told["title"])
                details = page["payload"]["custom_details"]["firing"]
                self.assertEqual(details.split(), told["text"].split())

    def test_names_are_nothing_but_text(self):
        for language in _LANGUAGES:
            told = self.told("hostile", language)
            for text in (told["slack"], told["email"], told["wecom"]):
                self.assertNotIn("<!channel", text)
                self.assertNotIn("<b>&co", text)
                self.assertNotIn("<https://evil", text)
            self.assertNotIn('href="javascript', told["email"])
            self.assertNotIn("\n", told["title"])

    def test_wecom_gets_no_more_bytes_than_it_takes(self):
        for case in message_cases.CASES:
            for language in _LANGUAGES:
                size = len(self.told(case, language)["wecom"].encode())
                self.assertLessEqual(size, 2048, f"{case} {language}")

    def test_nothing_is_marked_safe_and_both_languages_have_the_same(self):
        defined = []
        for name in ("backlogd.tmpl", "backlogd.zh-CN.tmpl"):
            text = re.sub(r"{{/\*.*?\*/}}", "", (_TEMPLATES / name).read_text(encoding="utf-8"),
                          flags=re.DOTALL)
            self.assertNotIn("safeHtml", text)
            defined.append({one.replace("zh-CN.", "") for one in
                            re.findall(r'define "(.*?)"', text)})
        self.assertEqual(defined[1] - defined[0], {"backlogd.runbook"})
        self.assertEqual(defined[0] - defined[1], set())


if __name__ == "__main__":
    unittest.main()
