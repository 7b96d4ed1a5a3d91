"""Why dead letters died, by reading them: every committed one once, on time, and without telling
anybody what stands in them."""

import threading
import time

from dead_letter_case import CLUSTER, DeadLetterCase, by_reason, classified, info, pending
from dead_letters import EXCEPTIONS, REASONS, one_of_each, spring
from record_ages import poll_time, polls
from support.kafka_cluster import PERMISSIONS

_MILLION = 1_000_000
_SCAN_RECORDS = 40_000


class Scan(DeadLetterCase):
    SETTINGS = PERMISSIONS
    SECTIONS = {"dead_letters": {"scan": True, "exclude": [".*million-dlq"]}}

    def test_only_committed_records_are_judged(self):
        source, queue = self.queue()
        letters = one_of_each(queue, source)
        name = self.unique("tx")
        self.driver.write_one_by_one(name, letters[:3])
        self.driver.write_one_by_one(name, letters, commit=False)
        self.driver.begin_write(self.unique("open"), letters[:1])
        self.driver.write_one_by_one(name, letters[3:])
        first = dict.fromkeys(REASONS[:3], 1)
        self.await_reasons(queue, first)
        page = self.daemon.await_polls(2, CLUSTER)
        self.assertEqual(by_reason(page, queue), first, "before an open transaction")
        self.driver.end_transaction(self.unique("open"), commit=False)
        self.await_reasons(queue, dict.fromkeys(REASONS, 1))
        page = self.daemon.await_polls(2, CLUSTER)
        self.assertEqual(by_reason(page, queue), dict.fromkeys(REASONS, 1))

    def test_however_they_are_compressed(self):
        for codec in ("gzip", "snappy", "lz4", "zstd"):
            with self.subTest(codec):
                source, queue = self.queue(codec, config={"compression.type": codec})
                self.driver.write(one_of_each(queue, source))
                self.await_reasons(queue, dict.fromkeys(REASONS, 1))

    def test_each_is_judged_once_though_the_broker_dies(self):
        source, queue = self.queue(partitions=2)
        count = 40_000
        self.driver.write_dead_letters(queue, count, source, EXCEPTIONS[:5], partitions=2)
        self.await_page("some are judged", lambda page: by_reason(page, queue))
        self.kafka.stop(1, kill=True)
        self.daemon.wait(lambda page: self.value(page, "up") == 0, 20, "the broker is missed")
        self.kafka.start(1)
        page = self.await_reasons(queue, dict.fromkeys(REASONS[:5], count / 5), 90)
        self.assertEqual(self.of(page, "records_total", queue), count)
        self.driver.write(one_of_each(queue, source)[5:])
        self.await_reasons(queue, {**dict.fromkeys(REASONS[:5], count / 5), "unknown": 1})

    def test_nothing_that_stands_in_a_record_comes_out(self):
        source, queue = self.queue()
        mark = "xK3markQ9"
        letter = spring(queue, f"com.{mark}.OddException", source, message=f"{mark} timed out",
                        key=mark.encode(), value=mark.encode(),
                        headers=[(mark, mark.encode()), (f"kafka_dlt-{mark}", None),
                                 ("kafka_dlt-exception-stacktrace", f"{mark}\n at {mark}".encode()),
                                 ("kafka_dlt-original-consumer-group", mark.encode())])
        self.driver.write([letter, spring(queue, mark, f"{mark}-topic"),
                           spring(queue, "a.B", "not a topic's name \n \xff" * 1000),
                           spring(queue, mark * 40_000, source, message=mark * 40_000)])
        page = self.await_page("four records",
                               lambda page: sum(by_reason(page, queue).values()) == 4)
        self.assertGreaterEqual(by_reason(page, queue).get("timeout", 0), 1)
        for text in (self.daemon.request("/metrics").body.decode(), self.daemon.log_text()):
            self.assertFalse(mark in text)  # the text is long
            self.assertNotIn("not a topic's name", text)

    def test_a_queue_that_cannot_be_read_disturbs_no_other(self):
        source, queue = self.queue()
        closed = self.unique("closed")
        self.driver.create_topics([{"name": closed, "partitions": 1},
                                   {"name": f"{closed}-dlq", "partitions": 1}])
        self.driver.permit_only(f"{closed}-dlq", ["DESCRIBE", "DESCRIBE_CONFIGS", "WRITE"])
        self.await_info(f"{closed}-dlq")
        self.driver.write(one_of_each(f"{closed}-dlq", closed))
        self.await_page("a failure", lambda page: self.of(
            page, "scan_failures_total", f"{closed}-dlq") > 0)
        self.driver.write(one_of_each(queue, source))
        page = self.await_reasons(queue, dict.fromkeys(REASONS, 1))
        self.assertEqual(self.of(page, "scan_failures_total", queue), 0)
        page = self.await_value("records_total", f"{closed}-dlq", 6)
        self.assertEqual(pending(page, f"{closed}-dlq"), {"": 6})
        self.assertEqual(by_reason(page, f"{closed}-dlq"), {})

    def test_a_flooded_queue_leaves_the_others_their_turn(self):
        mark = self.unique("flood")
        sources = [f"{mark}-{i}" for i in range(20)]
        queues = [f"{source}-dlq" for source in sources]
        self.driver.create_topics([{"name": name, "partitions": 1} for name in sources + queues])
        flooded = 10
        with self.another_daemon([f"{mark}.*"], scan=True, scan_records=400) as daemon:
            self.await_page("all queues", lambda page: all(info(page, queue) for queue in queues),
                            daemon=daemon)
            daemon.await_polls(1, CLUSTER)
            self.driver.write_dead_letters(queues[flooded], 40_000, sources[flooded],
                                           EXCEPTIONS[:5])
            others = [i for i in range(20) if i != flooded]
            self.driver.write([letter for i in others
                               for letter in one_of_each(queues[i], sources[i])])
            began = polls(daemon.scrape())
            page = self.await_page("the others are judged", lambda page: all(
                by_reason(page, queues[i]) == dict.fromkeys(REASONS, 1) for i in others),
                daemon=daemon)
            self.assertLessEqual(polls(page) - began, 5)
            flood = sum(by_reason(page, queues[flooded]).values())
            self.assertGreater(flood, 0)
            self.assertLess(flood, 40_000, "the flood goes on")

    def test_a_million_records_delay_no_poll(self):
        source = self.unique("million")
        queue = f"{source}-dlq"
        self.driver.create_topics([{"name": source, "partitions": 1},
                                   {"name": queue, "partitions": 2}])
        exceptions = EXCEPTIONS[:5]
        with self.another_daemon([f"{source}.*"], scan=True,
                                 scan_records=_SCAN_RECORDS) as daemon:
            self.first_page_of(queue, daemon)
            daemon.await_polls(1, CLUSTER)
            with Watch(daemon) as watch:
                self.driver.write_dead_letters(queue, _MILLION, source, exceptions, partitions=2)
                page = self.await_reasons(queue, dict.fromkeys(REASONS[:5], _MILLION / 5), 180,
                                          daemon)
            self.assertEqual(self.of(page, "records_total", queue), _MILLION)
            self.demand_on_time(watch.pages)
            self.demand_within_budget(watch.pages, queue)
            self.assertEqual(self.of(page, "scan_failures_total", queue), 0)

    def demand_on_time(self, pages):
        for _, page, at in pages:
            self.assertLess(at - poll_time(page), 3, "a stale page")
        seconds, count = (pages[-1][1].value(f"backlogd_poll_duration_seconds_{part}",
                                             kafka_cluster=CLUSTER) for part in ("sum", "count"))
        self.assertLess(seconds / count, 1)
        # The polls came once a second.
        self.assertGreater(polls(pages[-1][1]) - polls(pages[0][1]),
                           0.8 * (pages[-1][2] - pages[0][2]) - 2)

    def demand_within_budget(self, pages, queue):
        seen = [(polls(page), sum(classified(page, queue).values())) for _, page, _ in pages]
        for (polls_before, before), (polls_after, after) in zip(seen, seen[1:]):
            self.assertLessEqual(after - before, (polls_after - polls_before) * _SCAN_RECORDS)
        self.assertGreater(len({records for _, records in seen}), 10, "the scan went on in steps")


class Watch:
    """Scrapes the page of each poll while the block runs."""

    def __init__(self, daemon):
        self.pages = []  # (polls, page, Unix time of the scrape)
        self._daemon = daemon
        self._done = threading.Event()
        self._failure = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()
        if self._failure:
            raise self._failure

    def _run(self):
        try:
            while not self._done.wait(0.1):
                page = self._daemon.scrape()
                if not self.pages or polls(page) > self.pages[-1][0]:
                    self.pages.append((polls(page), page, time.time()))
        except Exception as error:  # for whoever waits
            self._failure = error
