"""The demo's topics, producers and groups, of which it leaves none on a cluster that is not its
own."""

import contextlib

from support.kafka_driver import DriverError
from support.processes import uninterrupted

TOPICS = {"usa.offer": 6, "orders": 3, "payments": 3}
KEEPS_UP, TOO_SLOW, STOPPED = "orders.shipping", "wps.file.consumer.group", "payments.audit"
_ABSENT = ("UnknownTopicOrPartitionException", "GroupIdNotFoundException")


def existing(driver):
    """Those of the demo's names that the cluster has already."""
    names = {KEEPS_UP, TOO_SLOW, STOPPED} & set(driver.list_groups())
    for topic in TOPICS:
        try:
            driver.leaders([topic])
            names.add(topic)
        except DriverError as error:
            if "UnknownTopicOrPartitionException" not in str(error):
                raise
    return sorted(names)


class Load:
    """Ends, on exit, what it has started, and deletes what it has created; nothing else.

    REQUIRES: existing(driver) was empty.
    """

    def __init__(self, driver):
        self._driver = driver
        self._workers = []
        self._created = []  # (how to delete, name), the topics first

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for worker in self._workers:
            with contextlib.suppress(DriverError):  # stopped before, or not started
                self._driver.stop(worker)
        left = []
        reason = None
        for delete, name in reversed(self._created):
            try:
                if "TimeoutException" not in str(reason):  # each would wait a minute
                    delete([name])
                    continue
            except DriverError as error:
                if any(absent in str(error) for absent in _ABSENT):
                    continue
                reason = error
            left.append(name)
        if left:
            raise DriverError(f"cannot delete {', '.join(left)}: {reason}")

    def start(self):
        """Three groups: one keeps up, one is too slow, one will be stopped."""
        for name, partitions in TOPICS.items():
            with uninterrupted():  # created and not noted would be left behind
                self._driver.create_topics([{"name": name, "partitions": partitions}], wait=False)
                self._created.append((self._driver.delete_topics, name))
        self._driver.await_leaders(list(TOPICS))
        self._produce("offers", "usa.offer", 300)
        self._produce("orders", "orders", 50)
        self._produce("payments", "payments", 20)
        self._consume("shipping", KEEPS_UP, "orders")
        self._consume("files", TOO_SLOW, "usa.offer", count=2, max_poll_records=20,
                      records_per_second=50)
        self._consume("audit", STOPPED, "payments")

    def stop_a_group(self):
        self._driver.stop("audit")

    def _produce(self, worker, topic, records_per_second):
        self._workers.append(worker)
        self._driver.start_producer(worker, topic, records_per_second=records_per_second)

    def _consume(self, worker, group, topic, **options):
        with uninterrupted():
            self._workers.append(worker)
            self._driver.start_members(worker, group, [topic], **options)
            self._created.append((self._driver.delete_groups, group))
