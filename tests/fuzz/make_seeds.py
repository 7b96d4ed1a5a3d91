"""make_seeds.py FOLDER: what the fuzzers begin with, one file an input, in FOLDER/<target>."""

import json
import pathlib
import re
import struct
import sys

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
REAL_RECORDS = HERE.parent / "data/dead_letters/real.jsonl"
MAX_HEADERS = 23
NULL = 255
NAKADI = (b'{"error": {"message": "Nakadi Auto DLQ: skipped due to failed commits"}, "partition": "7",'
          b' "subscription_id": "s", "event_type": "orders"}')
# A topic's and a group's in turn.
NAMES = [
    ["orders", "billing", "orders-dlt", "billing.DLT", "error.orders.billing"],
    ["orders", "connect-crm-sink", "dlq-lcc-abc12", "dead-letter-topic-in", "in_retry_10000"],
    ["orders__billing__dlq", "a\"b", "nakadi.dead.letter.queue", "c\\n", "orders.dlq.retry"],
    ["<b>x</b>", "'><script>alert(1)</script>", "&amp;", "a\nb", "\u202egpj.exe"],
]
BYTES = [
    [b"t", b"g\xff", b"u", "g\ufffd".encode(), b"v", b"g\xfe"],
    [b"\xc3", b"\xf0\x9f\x98", b"\x80"],
]
# Type, state, members, length of the assignor's name and it, count; of each: topic, member, count,
# partitions.
ASSIGNMENTS = [
    bytes([1, 3, 2, 5]) + b"range" + bytes([2, 1, 0, 2, 0, 1, 1, 1, 1, 2]),
    bytes([1, 3, 2, 0, 2, 1, 0, 3, 0, 0, 1, 1, 1, 2, 0, 2]),
    bytes([2, 3, 7, 0, 3, 1, 9, 4, 8, 9, 10, 7, 0, 1, 1, 0, 2, 1, 1, 2]),
]
PROGRESSES = [
    (0, ""),
    (7, "committed by somebody else"),
    (7, "backlogd-dlq 2 logged=1"),
    (7, "backlogd-dlq 1 reviewed=1 redelivered=12 logged=18446744073709551615 discarded=3"),
    (5, "backlogd-dlq 1 redelivered=12 ahead=AgMEAQ"),
    (5, "backlogd-dlq 1 ahead=gAGAAQ"),
    (0, "backlogd-dlq 1 ahead=_v________9_AQ"),
]


def known_names():
    """The names in header_names.h, in its order: an input names them by their places."""
    source = (HERE / "header_names.h").read_text()
    table = re.search(r"kHeaderNames\[\] = \{(.*?)\};", source, re.DOTALL)[1]
    known = re.findall(r'"([^"]+)"', table)
    source = (ROOT / "src/deadletters/decode_names.cc").read_text()
    table = re.search(r"kMeanings\[\] = \{(.*?)\n\};", source, re.DOTALL)[1]
    missing = set(re.findall(r'\{"([^"]+)"', table)) - set(known)
    if missing:
        sys.exit(f"header_names.h lacks {', '.join(sorted(missing))}")
    return known


def text_bytes(text, first):
    """Text of up to 31 bytes, after its length: a number from `first` on, modulo 32."""
    text = text.encode()[:31]
    return bytes([next(n for n in range(first, 255) if n % 32 == len(text))]) + text


def name_bytes(name, known):
    return bytes([known.index(name)]) if name in known else text_bytes(name, len(known))


def value_bytes(value):
    if value is None:
        return bytes([NULL])
    text = value.encode() if isinstance(value, str) else bytes.fromhex(value["hex"])
    if len(text) < NULL and len(text) % 8 != 7:
        return bytes([len(text)]) + text
    # A size whose remainder by 8 is 7 counts sixteen bytes each.
    size = min(len(text) // 16 // 8 * 8 + 7, 247)
    return bytes([size]) + text[: size * 16].ljust(size * 16)


def dead_letter_bytes(record, known):
    headers = record["headers"][:MAX_HEADERS]
    parts = [bytes([0, len(headers)])]
    for name, value in headers:
        parts += [name_bytes(name, known), value_bytes(value)]
    return b"".join(parts) + text_bytes(record["topic"], 1)


def files():
    """Yields target and file: configurations, good ones and bad ones."""
    for folder in ("config", "tests/data/config", "deploy/systemd"):
        for file in sorted((ROOT / folder).glob("*.yaml")):
            yield "config", file
    yield "web_config", ROOT / "config/web.yml"


def seeds():
    """Yields target, name, bytes: of the real records, one a framework and reason; of files."""
    known = known_names()
    for line in REAL_RECORDS.read_text().splitlines():
        record = json.loads(line)
        name = record["framework"] + "." + record["expected_reason"]
        yield "dead_letter", name, dead_letter_bytes(record, known)
    yield "dead_letter", "nakadi", bytes([0, 0, 0]) + NAKADI
    for target, file in files():
        yield target, file.name, file.read_bytes()
    for i, names in enumerate(NAMES):
        yield "names", str(i), "\0".join(names).encode()
    for i, names in enumerate(BYTES):
        yield "names", f"bytes-{i}", b"\0".join(names)
    for i, assignment in enumerate(ASSIGNMENTS):
        yield "member_assignment", str(i), assignment * 3
    for i, (committed, text) in enumerate(PROGRESSES):
        yield "progress", str(i), struct.pack("=q", committed) + text.encode()


def main():
    for target, name, content in seeds():
        folder = pathlib.Path(sys.argv[1]) / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    main()
