"""Acts on a Kafka cluster: topics, records, transactions, groups, members, and Kafka's own
kafka-consumer-groups. One JVM (java/KafkaDriver.java) does it all: an act takes milliseconds.

    with KafkaDriver(kafka.jars, kafka.bootstrap_servers) as driver:
        driver.create_topic("orders", partitions=3)
        driver.produce([("orders", 0, 100)])
"""

import hashlib
import json
import os
import pathlib
import select
import subprocess
import sys
import tempfile

from support.jvm import java_command
from support.processes import spawn, stop, uninterrupted, wait_until
from support.records import from_row

_JAVA = pathlib.Path(__file__).parent / "java"


class DriverError(Exception):
    """Kafka, or the driver, refused: "UnknownTopicOrPartitionException: ..."."""


class Unsupported(DriverError):
    """This release of Kafka cannot do that."""


def _compiled(jars):
    """The folder of the driver's classes, compiled once for each version of source and jars."""
    sources = sorted(_JAVA.glob("*.java"))
    key = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    folder = jars.parent / f"driver-{key}"
    if not folder.exists():
        building = tempfile.mkdtemp(prefix="driver-", dir=jars.parent)
        subprocess.run(["javac", "--release", "17", "-proc:none", "-nowarn", "-cp", f"{jars}/*",
                        "-d", building, *sources], check=True, stdin=subprocess.DEVNULL)
        try:
            pathlib.Path(building).rename(folder)
        except OSError:  # another program was faster
            pass
    return folder


class KafkaDriver:
    """One JVM that acts on one cluster. Not thread-safe. Start it from the main thread."""

    def __init__(self, jars, bootstrap_servers, heap="256m"):
        self._process = spawn(
            java_command(jars, "KafkaDriver", [bootstrap_servers], heap, "ERROR",
                         [_compiled(jars)]),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sys.stderr)
        self._unanswered = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the JVM and whatever was started in it."""
        with uninterrupted():
            self._process.kill()
            stop(self._process)
            self._process.stdin.close()
            self._process.stdout.close()

    # Topics

    def create_topic(self, name, partitions=1, replication=1, config=None, replicas=None):
        """`replicas`: instead of counts, the brokers of each partition, [[1, 2], [3, 1]]."""
        self.create_topics([{"name": name, "partitions": partitions, "replication": replication,
                             "config": config or {}, "replicas": replicas}])

    def create_topics(self, topics, wait=True):
        """Topics as dictionaries: name, partitions, replication, config, replicas. Waits until
        all of their partitions have leaders, unless told not to."""
        self._ask("create_topics", topics=topics)
        if wait:
            self.await_leaders([topic["name"] for topic in topics])

    def await_leaders(self, topics, seconds=30):
        wait_until(lambda: self._have_leaders(topics), seconds, f"leaders of {topics[:3]}")

    def _have_leaders(self, topics):
        try:
            described = self.leaders(topics)
        except DriverError:  # not known yet to the broker that was asked
            return False
        return all(min(leaders, default=-1) >= 0 for leaders in described.values())

    def leaders(self, topics):
        """{topic: [leader of partition 0, ...]}, -1 where there is none."""
        return self._ask("describe_topics", topics=topics)

    def delete_topics(self, topics):
        self._ask("delete_topics", topics=topics)

    def add_partitions(self, topic, total):
        self._ask("add_partitions", topic=topic, total=total)

        def added():
            return len(self.leaders([topic])[topic]) == total and self._have_leaders([topic])

        wait_until(added, 30, f"{total} partitions of {topic}")

    def reassign(self, replicas, seconds=60):
        """Moves partitions, [(topic, partition, [broker, ...]), ...], and waits until no partition
        of the cluster is on its way."""
        self._ask("reassign", replicas=replicas)
        wait_until(lambda: self._ask("reassigning") == 0, seconds, "partitions have moved")

    def elect_preferred(self, partitions):
        """The first replica of each of [(topic, partition), ...] leads."""
        self._ask("elect_preferred", partitions=partitions)

    def await_in_sync(self, topics, seconds=60):
        """Waits until all replicas of these topics are in sync."""

        def in_sync():
            try:
                return not any(self._ask("out_of_sync", topics=topics).values())
            except DriverError:
                return False

        wait_until(in_sync, seconds, f"replicas in sync of {topics[:3]}")

    def controller(self):
        """The number of the node that controls."""
        return self._ask("controller")

    def alter_topic(self, topic, config):
        self._ask("alter_topic", topic=topic, config=config)

    def permit_only(self, topic, operations):
        """From now on nobody may do anything else with it. REQUIRES: a cluster with PERMISSIONS"""
        self._ask("permit_only", topic=topic, operations=operations)

    def grant(self, principal, operation, type, name):
        """An ACL: "User:x", "DESCRIBE", "TOPIC", "orders" ("*": all)."""
        self._ask("grant", principal=principal, right=operation, type=type, name=name)

    def revoke(self, principal, operation, type, name):
        self._ask("revoke", principal=principal, right=operation, type=type, name=name)

    # Records

    def produce(self, records, timestamp=None, keys=None, size=10):
        """Writes [(topic, partition, count), ...]; returns each item's last offset. `timestamp`
        in ms, of all records, or a list: of each record of an item; `keys`: how many different
        ones, for compacted topics."""
        return self._ask("produce", records=_items(records, timestamp, keys, size))

    def begin_transaction(self, name, records):
        """Writes the same way, in a transaction that stays open until end_transaction(name)."""
        return self._ask("begin_transaction", id=name, records=_items(records, None, None, 10))

    def end_transaction(self, name, commit):
        self._ask("end_transaction", id=name, commit=commit)

    def write(self, records):
        """Writes support.records.Record objects; returns their offsets."""
        return self._ask("produce", records=[each.to_item() for each in records])

    def begin_write(self, name, records):
        """The same in a transaction that stays open until end_transaction(name)."""
        self._ask("begin_transaction", id=name, records=[each.to_item() for each in records])

    def write_one_by_one(self, name, records, commit=True):
        """The same in a transaction each, committed or aborted; `name` is the transactional id."""
        self._ask("produce_one_by_one", id=name, commit=commit,
                  records=[each.to_item() for each in records])

    def write_dead_letters(self, topic, count, source_topic, exceptions, partitions=1):
        """Small records with Spring's headers, by the million: record i in partition i %
        `partitions` with key "key-<i>" and the class i % len(exceptions) of `exceptions`."""
        self._ask("produce_dead_letters", topic=topic, count=count, source_topic=source_topic,
                  exceptions=exceptions, partitions=partitions)

    def read(self, topic):
        """The committed records of a topic: support.records.Record objects, in order of offsets
        within a partition."""
        return [from_row(topic, row) for row in self._ask("read_records", topic=topic)]

    def delete_records(self, topic, partition, before):
        self._ask("delete_records", topic=topic, partition=partition, before=before)

    def log_offsets(self, partitions):
        """{(topic, partition): (start, last stable, end)} of [(topic, partition), ...]."""
        rows = self._ask("log_offsets", partitions=partitions)
        return {(topic, partition): tuple(offsets) for topic, partition, *offsets in rows}

    def count_records(self, topic, partition):
        """How many records can be read: fewer than end - start where it was compacted."""
        return self._ask("count_records", topic=topic, partition=partition)

    def record_times(self, positions):
        """Of the first record at or after each [(topic, partition, offset), ...]: [offset,
        timestamp in ms], or None where there is none."""
        return self._ask("record_times", positions=positions)

    # Groups

    def commit(self, group, offsets):
        """Sets committed offsets [(topic, partition, offset), ...] of a group without members;
        creates the group. A row may have a fourth element: the commit's metadata."""
        self.commit_all([group], offsets)

    def commit_all(self, groups, offsets):
        """The same for each of these groups, all at once."""
        self._ask("commit", groups=groups, offsets=offsets)

    def committed(self, group):
        """[[topic, partition, offset, metadata], ...]; on deleted topics too."""
        return self._ask("committed", group=group)

    def delete_groups(self, groups):
        self._ask("delete_groups", groups=groups)

    def list_groups(self):
        """The names of all consumer groups."""
        return self._ask("list_groups")

    def describe_group(self, group):
        """{"state": "Stable", "coordinator": 1, "members": [{"client", "instance",
        "partitions": [[topic, partition], ...]}]}; "state" in Kafka's words."""
        return self._ask("describe_group", group=group)

    def consumer_groups(self, *arguments):
        """What kafka-consumer-groups prints, called with these arguments."""
        return self._ask("groups_tool", tool="ConsumerGroupCommand", arguments=arguments)

    def tool(self, main, *arguments):
        """What one of Kafka's tools prints, by the name of its class. Raises DriverError if it
        fails."""
        return self._ask("tool", main=main, arguments=arguments)

    def list_share_groups(self):
        """{name: state} of all share groups, by kafka-share-groups. REQUIRES: Kafka 4; names
        without blanks."""
        table = self._ask("groups_tool", tool="ShareGroupCommand", arguments=["--list", "--state"])
        return dict(line.split() for line in table.splitlines()[1:] if line)

    # Members and producers that run until stopped

    def start_members(self, name, group, topics, count=1, **options):
        """Starts consumers under `name`. Options: protocol ("classic" or "consumer", KIP-848),
        commits (after each poll; default True), records_per_second (of each member; default as
        fast as it can), max_poll_records, instance (prefix of static members' ids), settings
        (further ones of the Java consumer)."""
        self._ask("start_members", id=name, group=group, topics=topics, count=count, **options)

    def start_share_members(self, name, group, topics, count=1):
        """Starts members of a share group. Raises Unsupported before Kafka 4."""
        self._ask("start_share_members", id=name, group=group, topics=topics, count=count)

    def start_producer(self, name, topic, records_per_second, size=100, keys=None, hot_share=0):
        """Starts a producer that writes to the topic's partitions in turn, or by key: this many
        different ones, of which the first gets `hot_share` (0..1) of all records."""
        self._ask("start_producer", id=name, topic=topic, records_per_second=records_per_second,
                  bytes=size, keys=keys, hot_share=hot_share)

    def set_rate(self, name, records_per_second):
        """Of each member, or of a producer (more than 0)."""
        self._ask("set_rate", id=name, records_per_second=records_per_second)

    def set_stuck(self, name, partitions):
        """Members go on without reading these of their partitions, [(topic, partition), ...]; []
        ends that."""
        self._ask("set_stuck", id=name, partitions=partitions)

    def pause(self, name, member=None):
        """Members (or one) stop polling and commit nothing, a producer stops writing. Sessions
        live on."""
        self._ask("pause", id=name, member=member)

    def resume(self, name, member=None):
        self._ask("resume", id=name, member=member)

    def commit_as_member(self, name, offsets, member=0):
        """Commits as a live member of its group does. REQUIRES: not paused."""
        self._ask("commit_as_member", id=name, offsets=offsets, member=member)

    def stop(self, name):
        """Ends what was started under `name`; members leave their group, unless static."""
        self._ask("stop", id=name)

    def await_group(self, group, state="Stable", members=None, partitions=None, seconds=30):
        """Waits until the group is described so; `partitions`: how many its members are assigned.
        """

        def reached():
            try:
                described = self.describe_group(group)
            except DriverError:
                return False
            assigned = sum(len(member["partitions"]) for member in described["members"])
            return (described["state"] == state
                    and members in (None, len(described["members"]))
                    and partitions in (None, assigned))

        wait_until(reached, seconds, f"group {group}: {state}, {members} members, {partitions} "
                                     f"assigned partitions", interval=0.1)

    def _ask(self, operation, **arguments):
        request = json.dumps({"op": operation, **arguments}) + "\n"
        try:
            with uninterrupted():
                self._unanswered += 1
                self._process.stdin.write(request.encode())
                self._process.stdin.flush()
            answer = json.loads(self._last_line())
        except (BrokenPipeError, EOFError):
            raise DriverError(f"{operation}: the driver ended") from None
        if "error" in answer:
            kind = Unsupported if answer["error"].startswith("Unsupported") else DriverError
            raise kind(f"{operation}: {answer['error']}")
        return answer["result"]

    def _last_line(self):
        """The answer to the last request. Where a signal interrupted the wait for one, so that the
        `with` blocks ask for their cleaning up, that one's answer comes first and is dropped."""
        received = b""
        while self._unanswered > 0:
            select.select([self._process.stdout], [], [])  # a signal interrupts here only
            with uninterrupted():
                chunk = os.read(self._process.stdout.fileno(), 1 << 20)
                self._unanswered -= chunk.count(b"\n")
            if not chunk:
                raise EOFError
            received += chunk
        return received.splitlines()[-1]


def _items(records, timestamp, keys, size):
    return [{"topic": topic, "partition": partition, "count": count, "timestamp": timestamp,
             "keys": keys, "bytes": size} for topic, partition, count in records]
