"""The demo's topics, and the backlogd-sim processes that fill and read them. None is left on a
cluster that is not the demo's own."""

import contextlib
import pathlib
import shutil
import signal
import tempfile

from support.backlogd import to_yaml
from support.kafka_driver import DriverError
from support.processes import Timeout, uninterrupted, wait_until
from support.sim import BacklogdSim

_ABSENT = ("UnknownTopicOrPartitionException", "GroupIdNotFoundException")
_STOP_SECONDS = 15
# A member that is ended while it joins cannot leave: it counts until its session times out (10 s).
_EMPTY_SECONDS = 25
# Many programs on a small machine: fewer and larger requests than librdkafka makes by itself.
_PROPERTIES = {"produce": {"linger.ms": "100"},
               "consume": {"fetch.min.bytes": "100000", "fetch.wait.max.ms": "300"}}


def topics_of(stories):
    """{name: (partitions, settings)}"""
    return {name: how for story in stories for name, how in story.topics.items()}


def existing(driver, stories):
    """Those of the stories' names that the cluster has already."""
    names = {story.group for story in stories} & set(driver.list_groups())
    for topic in topics_of(stories):
        try:
            driver.leaders([topic])
            names.add(topic)
        except DriverError as error:
            if "UnknownTopicOrPartitionException" not in str(error):
                raise
    return sorted(names)


class Load:
    """Ends, on exit, what it has started. With `keep` False it deletes, too, what it has created;
    nothing else.

    REQUIRES: existing(driver, stories) was empty.
    """

    def __init__(self, driver, bootstrap_servers, stories, keep=False):
        self._driver = driver
        self._kafka = bootstrap_servers
        self._stories = stories
        self._keep = keep
        self._workers = {}
        self._folder = None
        self._created = []  # (how to delete, name), the topics first

    def __enter__(self):
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="backlogd-load-"))
        for command, properties in _PROPERTIES.items():
            self._configuration(command).write_text(to_yaml({"kafka": {
                "bootstrap_servers": self._kafka, "properties": properties}}))
        return self

    def __exit__(self, *_):
        with uninterrupted():
            self.stop_all()
            shutil.rmtree(self._folder, ignore_errors=True)
        if not self._keep:
            self._delete()

    def create_topics(self):
        topics = topics_of(self._stories)
        for name, (partitions, settings) in topics.items():
            with uninterrupted():  # created and not noted would be left behind
                self._driver.create_topics(
                    [{"name": name, "partitions": partitions, "config": settings}], wait=False)
                self._created.append((self._driver.delete_topics, name))
        self._created += [(self._driver.delete_groups, story.group) for story in self._stories]
        self._driver.await_leaders(list(topics))

    def start(self, worker, command, flags):
        """A backlogd-sim; instead of one of that name."""
        self.stop(worker)
        with uninterrupted():
            program = BacklogdSim(command, f"--config.file={self._configuration(command)}", *flags)
            try:
                program.start()
            except BaseException:
                program.kill()
                raise
            self._workers[worker] = program

    def do(self, act):
        """What a story asks of the cluster itself."""
        act(self._driver)

    def stop(self, worker):
        """In order; nothing to do if none of that name runs."""
        if worker in self._workers:
            program = self._workers.pop(worker)
            try:
                program.stop(seconds=_STOP_SECONDS)
            finally:
                program.kill()

    def stop_all(self):
        """All at the same time; one that does not end in time is killed."""
        for program in self._workers.values():
            if program.running():
                program.signal(signal.SIGTERM)
        for worker in list(self._workers):
            with contextlib.suppress(AssertionError):  # it had its time, and is killed
                self.stop(worker)

    def demand_running(self):
        """Raises RuntimeError if one has ended by itself."""
        for worker, program in self._workers.items():
            if not program.running():
                raise RuntimeError(f"backlogd-sim for {worker} ended: {program.err()[-1000:]}")

    def _configuration(self, command):
        return self._folder / f"{command}.yaml"

    def _delete(self):
        left = []
        reason = None
        for delete, name in reversed(self._created):
            try:
                if "TimeoutException" not in str(reason):  # each would wait a minute
                    _delete_when_empty(delete, name)
                    continue
            except (DriverError, Timeout) as error:
                if any(absent in str(error) for absent in _ABSENT):
                    continue
                reason = error
            left.append(name)
        if left:
            raise DriverError(f"cannot delete {', '.join(left)}: {reason}")


def _delete_when_empty(delete, name):
    """Raises Timeout if a group has members for too long, DriverError for all else."""
    def deleted():
        try:
            delete([name])
        except DriverError as error:
            if "GroupNotEmptyException" in str(error):
                raise AssertionError(str(error)) from error
            raise
        return True

    wait_until(deleted, _EMPTY_SECONDS, f"{name} is empty", interval=0.5)
