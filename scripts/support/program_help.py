"""What a program of ours says of itself by --help: its flags, arguments and commands."""

import dataclasses
import re
import subprocess

from support import emissions

_CHOICES = re.compile(r"(?:[A-Z][\w ]*: )?((?:[a-z][\w-]*, )*[a-z][\w-]* or [a-z][\w-]*)(?=$|[;:]| \()")
_COMMIT_OR = re.compile(r"([\w-]+): [^;]*; ([\w-]+): ")


@dataclasses.dataclass
class Flag:
    names: list  # ["-h", "--help"], or of an argument ["TOPIC"]
    value: str  # "FILE"; empty: takes none
    text: str
    repeated: bool
    required: bool

    @property
    def choices(self):
        """The words that may be given, where the text lists them."""
        if not self.value:
            return []
        named = _COMMIT_OR.match(self.text)
        if named:
            return list(named.groups())
        listed = _CHOICES.match(self.text)
        return re.split(r", | or ", listed[1]) if listed else []


@dataclasses.dataclass
class Help:
    name: str  # "backlogd-dlq show"
    summary: str
    flags: list
    arguments: list
    commands: list  # of Help


def _entries(lines):
    """(head, text) of each entry of a section; its text may begin on a line of its own."""
    found = []
    for line in lines:
        if re.match(r"  \S", line):
            head, _, text = line.strip().partition("  ")
            found.append([head, text.strip()])
        elif line.strip() and found:
            found[-1][1] = f"{found[-1][1]} {line.strip()}".strip()
    return found


def _flag(head, text):
    head = head.replace(", -", ",-")  # newer libraries write "-h, --help"
    words = [word for word in head.split() if word != "Excludes:"]
    if "Excludes:" in head.split():
        words = head.split()[:head.split().index("Excludes:")]
    names = words[0].rstrip(",").split(",")
    value = next((word for word in words[1:] if re.fullmatch(r"[A-Z]+(:.*)?", word)
                  and word not in ("REQUIRED", "TEXT" if not names[0].startswith("-") else "")), "")
    return Flag(names, value.partition(":")[0], text, "..." in words, "REQUIRED" in words)


def parse(name, text):
    """REQUIRES: `text` was written by CLI11."""
    sections, lines = {"": []}, text.splitlines()
    current = sections[""]
    for line in lines:
        title = re.fullmatch(r"(options|positionals|subcommands):\s*", line, re.IGNORECASE)
        if title:
            current = sections.setdefault(title[1].lower(), [])
        else:
            current.append(line)
    summary = next(line.strip() for line in sections[""] if line.strip())
    flags = [_flag(head, text) for head, text in _entries(sections.get("options", []))]
    arguments = [_flag(head, text) for head, text in _entries(sections.get("positionals", []))]
    commands = [Help(f"{name} {head}", text, [], [], [])
                for head, text in _entries(sections.get("subcommands", []))]
    flags.sort(key=lambda flag: flag.names[-1] in ("--help", "--version"))
    return Help(name, summary, flags, arguments, commands)


def _ask(program, *words):
    return emissions.keep_run(subprocess.run([program, *words, "--help"], capture_output=True,
                                             text=True, check=True)).stdout


def of(program, name):
    """Of the program `name`, whose file is `program`, and of its commands."""
    whole = parse(name, _ask(program))
    whole.commands = [parse(command.name, _ask(program, command.name.split()[-1]))
                      for command in whole.commands]
    return whole
