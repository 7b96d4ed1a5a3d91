"""The commands in the documentation: what stands in its blocks of sh."""

import dataclasses
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs/commands.md"
_BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
# A comment begins with a sharp after blanks; a sharp within a word is none.
_COMMENT = re.compile(r"(?:^|\s+)#\s[^'\n]*$", re.MULTILINE)
_ROW = re.compile(r"^\| `([^`]+)` \| (.+) \| (.+) \|$", re.MULTILINE)
# Begins of commands. They are run by tests/observability/commands_test.py ...
_WITHOUT_KAFKA = ("backlogd --check-config", "amtool check-config", "amtool config")
# ... and these by tests/integration/docs_commands_test.py: the names of the programs.
_WITH_KAFKA = ("backlogd", "backlogd-dlq", "backlogd-sim", "curl", "kill", "amtool", "prometheus",
               "alertmanager", "kafka-acls", "kafka-configs", "kafka-console-consumer",
               "kafka-consumer-groups", "kafka-leader-election", "kafka-log-dirs",
               "kafka-reassign-partitions", "kafka-topics", "kafka-transactions")
_RECEIVER = "PYTHONPATH=scripts python3 -m support.receiver"


@dataclasses.dataclass(frozen=True)
class Listed:
    """A row of docs/commands.md: commands that begin so are not run."""
    begin: str
    why: str
    checked: str


def pages():
    """Each page that has commands for its reader."""
    deploy = (page for page in (ROOT / "deploy").rglob("*.md"))
    docs = (ROOT / "docs").rglob("*.md")
    return sorted({*ROOT.glob("*.md"), *docs, *deploy, ROOT / "dashboards/README.md"}
                  - {ROOT / "CHANGELOG.md"})


def commands(text):
    """The commands of a page, each on one line, without comments."""
    for block in _BLOCK.findall(text):
        joined = re.sub(r"(\\|(?<=\|))\n\s*", " ", _COMMENT.sub("", block))
        yield from (re.sub(r"\s+", " ", line).strip() for line in joined.splitlines()
                    if line.strip())


def inline(text):
    """Commands of more than a word in the middle of a page's sentences and tables."""
    return [one for one in re.findall(r"`([^`\n]+)`", _BLOCK.sub("", text)) if " " in one]


def all_commands():
    """{command: pages that have it}, in order."""
    found = {}
    for page in pages():
        for command in commands(page.read_text(encoding="utf-8")):
            name = str(page.relative_to(ROOT))
            if name not in found.setdefault(command, []):
                found[command].append(name)
    return found


def listed():
    """The rows of docs/commands.md."""
    return [Listed(*row) for row in _ROW.findall(TABLE.read_text(encoding="utf-8"))]


def program(command):
    """The name of what a command runs, without folders."""
    words = [word for word in command.split() if not re.fullmatch(r"\w+=\S*", word)]
    return pathlib.PurePath(words[0]).name


def is_listed(command, rows):
    return next((row for row in rows if (command + " ").startswith(row.begin + " ")), None)


def needs_no_kafka(command):
    return command.startswith(_WITHOUT_KAFKA)


def needs_kafka(command):
    """And is run against one."""
    return (not needs_no_kafka(command) and is_listed(command, listed()) is None
            and (program(command) in _WITH_KAFKA or command.startswith(_RECEIVER)))
