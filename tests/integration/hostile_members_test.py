"""The daemon with groups whose members are assigned whatever bytes they please: it lives, tells the
truth of the others, and counts no more than there is. Needs no Kafka."""

import pathlib
import random
import struct
import tempfile
import unittest

from support import backlogd, exposition
from support.hostile_broker import PARTITIONS, TOPIC, HostileBroker, assignment

_SEED = 20261126
_MUTANTS = 300
_GOOD = assignment((TOPIC, [0, 2]))
# Numbers that lengths and partitions can become.
_EDGES = [struct.pack(layout, number) for layout, number in [
    (">i", -1), (">i", 2**31 - 1), (">i", -2**31), (">h", -1), (">h", 2**15 - 1), (">i", 10**6)]]
_BY_HAND = {
    "empty": b"",
    "half-a-version": b"\0",  # librdkafka as it is released ends by an assertion
    "version": b"\0\0",
    "later-version": struct.pack(">h", 99) + _GOOD[2:],
    "negative-version": struct.pack(">h", -1) + _GOOD[2:],
    "endless-topics": struct.pack(">hi", 0, 2**31 - 1),
    "negative-topics": struct.pack(">hi", 0, -2),
    "endless-name": struct.pack(">hih", 0, 1, 2**15 - 1),
    "null-name": struct.pack(">hih", 0, 1, -1) + struct.pack(">i", 0),
    "endless-partitions": struct.pack(">hih", 0, 1, 6) + TOPIC.encode() + _EDGES[1],
    "no-such-partitions": assignment((TOPIC, [-1, 7, 2**31 - 1, -2**31, 1, 1, 1])),
    "no-such-topic": assignment(("a\nb\"\\", [0]), ("", [0])),
    "topic-twice": assignment((TOPIC, [0, 1]), (TOPIC, [1, 2])),
    "many": assignment((TOPIC, list(range(20_000)))),
}


def mutants(chance):
    """Good assignments with a part overwritten, cut or repeated."""
    for _ in range(_MUTANTS):
        content = bytearray(_GOOD * chance.choice((1, 1, 2)))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(content) + 1)
            kind = chance.randrange(4)
            if kind == 0:
                content[at:at + 4] = chance.choice(_EDGES)
            elif kind == 1:
                del content[at:]
            elif kind == 2:
                content[at:at] = chance.randbytes(chance.randint(1, 8))
            else:
                content[at:at + 1] = chance.randbytes(1)
        yield bytes(content)


class HostileMembers(unittest.TestCase):
    def test_no_bytes_of_theirs_do_harm(self):
        hostile = {**_BY_HAND, **{f"mutant-{number}": content for number, content
                                  in enumerate(mutants(random.Random(_SEED)))}}
        groups = {**hostile, **{f"good-{number}": _GOOD for number in range(5)}}
        file = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "backlogd.yaml"
        file.write_text(backlogd.to_yaml({"poll": {"interval": "60s", "timeout": "60s"}}))
        with HostileBroker(groups) as broker:
            done = backlogd.run("--once", f"--config.file={file}",
                                f"--kafka.bootstrap-servers={broker.address}", seconds=90)
            self.assertEqual(broker.described, set(groups))
        self.assertGreaterEqual(done.returncode, 0, f"{done.stderr[-3000:]}\n(was it librdkafka? "
                                "scripts/setup builds one that is patched)")
        self.demand_right(exposition.parse(done.stdout.encode()), groups)

    def demand_right(self, page, groups):
        assigned = page.by("backlogd_group_assigned_partitions", "group")
        for number in range(5):
            self.assertEqual(assigned.get(f"good-{number}"), 2)
        self.assertEqual(assigned.get("topic-twice"), PARTITIONS)
        self.assertEqual(assigned.get("no-such-partitions"), 1)
        self.assertEqual(assigned.get("many"), PARTITIONS)
        for group, count in assigned.items():
            self.assertLessEqual(count, PARTITIONS, groups[group])


if __name__ == "__main__":
    unittest.main()
