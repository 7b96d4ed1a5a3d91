"""A manual page out of a program's help."""

_MORE = {
    "backlogd": [
        ("EXIT STATUS", [
            "0: it was stopped, or did what it was asked. 1: it cannot start, or with --once some "
            "cluster was not read. 2: wrong usage."]),
        ("SIGNALS", [
            "SIGHUP makes it read its configuration again; one that is wrong changes nothing. "
            "SIGTERM and SIGINT end it within a second, a second one at once."]),
        ("FILES", [
            "/etc/backlogd/backlogd.yaml: the configuration of the service. "
            "/etc/backlogd/credentials: files that the service alone is handed, such as passwords. "
            "/etc/default/backlogd: further flags of the service."]),
        ("ENVIRONMENT", ["NOTIFY_SOCKET and WATCHDOG_USEC, which systemd sets: see sd_notify(3)."]),
    ],
    "backlogd-dlq": [
        ("EXIT STATUS", ["0: done. 1: failed, wholly or in part. 2: wrong usage."]),
    ],
    "backlogd-sim": [
        ("EXIT STATUS", ["0: done. 1: failed, or what was to be verified is not so. 2: wrong usage."]),
    ],
}
_ALL = ["backlogd(1)", "backlogd-dlq(1)", "backlogd-sim(1)"]


def _escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in (".", "'") else text


def _bold(text):
    return f"\\fB{_escape(text)}\\fR"


def _italic(text):
    return f"\\fI{_escape(text)}\\fR"


def _usage(help_):
    parts = [_bold(word) for word in help_.name.split()] + ["[OPTIONS]"]
    parts += [_italic(argument.names[0]) for argument in help_.arguments]
    return " ".join(parts + (["COMMAND [OPTIONS]"] if help_.commands else []))


def _flag(flag):
    head = ", ".join(_bold(name) if name.startswith("-") else _italic(name) for name in flag.names)
    if flag.value:
        head += f" {_italic(flag.value)}"
    return [".TP", head + (" ..." if flag.repeated else ""),
            _escape(flag.text) + ("; required" if flag.required else "") + "."]


def _flags(flags):
    return [line for flag in flags for line in _flag(flag)]


def render(help_):
    name = help_.name
    lines = [f'.\\" Written by scripts/manuals: change the flags of {name}, and run it again.',
             f'.TH {name.upper()} 1 "" "backlogd" "User commands"'.replace("-", "\\-"),
             ".SH NAME", f"{_escape(name)} \\- {_escape(help_.summary.rstrip('.'))}",
             ".SH SYNOPSIS", _usage(help_), ".SH DESCRIPTION", _escape(help_.summary),
             ".SH OPTIONS", *_flags(help_.flags)]
    if help_.commands:
        lines.append(".SH COMMANDS")
    for command in help_.commands:
        shared = {"--help"}
        lines += [f".SS {_escape(command.name.split()[-1])}", _usage(command), ".PP",
                  _escape(command.summary.rstrip(".") + ".")]
        lines += _flags(command.arguments)
        lines += _flags([flag for flag in command.flags if flag.names[-1] not in shared])
    for title, paragraphs in _MORE[name]:
        lines += [f".SH {title}", *map(_escape, paragraphs)]
    others = [other for other in _ALL if other != f"{name}(1)"]
    lines += [".SH SEE ALSO", ",\n".join(f".BR {_escape(other[:-3])} (1)" for other in others)
              .replace(",\n", " ,\n")]
    return "\n".join(lines) + "\n"
