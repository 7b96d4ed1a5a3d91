"""What the tests of backlogd-dlq have in common."""

import pathlib
import tempfile

from dead_letter_case import DeadLetterCase, handled, pending
from dead_letters import one_of_each
from support.dlq_tool import DlqTool
from support.kafka_cluster import PERMISSIONS


class ToolCase(DeadLetterCase):
    SETTINGS = PERMISSIONS

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tool = DlqTool(cls.kafka.bootstrap_servers)

    def folder(self):
        return pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def values(self, topic):
        """Of all committed records, in order within a partition."""
        return [record.value for record in self.driver.read(topic)]

    def filled(self, **fields):
        """Names of a source and its queue, with six dead letters: one of each reason."""
        source, queue = self.queue()
        self.driver.write(one_of_each(queue, source, **fields))
        return source, queue

    def await_handled(self, queue, left, **counts):
        """The daemon says so many records of each action, and so many that are left."""

        def shown(page):
            self.assertEqual({action: count for action, count in handled(page, queue).items()
                              if count}, counts)
            self.assertEqual(pending(page, queue), {f"backlogd-dlq.{queue}": left})
            return True

        return self.daemon.wait(shown, 20, f"{counts} of {queue}")
