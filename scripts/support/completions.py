"""Completions for bash, zsh and fish out of a program's help."""

import re

_HEAD = "# Written by scripts/manuals: change the flags of {}, and run it again.\n"


def _long(flag):
    return flag.names[-1]


def _is_file(flag):
    return flag.value in ("FILE", "FOLDER")


def _function(name):
    return "_" + re.sub(r"\W", "_", name)


def _bash_values(flags):
    lines = []
    for flag in flags:
        if not flag.value:
            continue
        if _is_file(flag):
            action = 'mapfile -t COMPREPLY < <(compgen -f -- "$cur")'
        elif flag.choices:
            action = f'mapfile -t COMPREPLY < <(compgen -W "{" ".join(flag.choices)}" -- "$cur")'
        else:
            action = ":"
        lines.append(f"    {_long(flag)}) {action} && return ;;")
    return lines


def bash(help_):
    """A file for /usr/share/bash-completion/completions."""
    function, commands = _function(help_.name), [c.name.split()[-1] for c in help_.commands]
    lines = [_HEAD.format(help_.name) + f"{function}() {{",
             '  local cur=${COMP_WORDS[COMP_CWORD]} prev="" word words command=""',
             '  [ "$COMP_CWORD" = 0 ] || prev=${COMP_WORDS[COMP_CWORD - 1]}',
             '  # "--flag=value" comes as three words.',
             '  if [ "$cur" = = ]; then', '    cur=""',
             '  elif [ "$prev" = = ]; then', "    prev=${COMP_WORDS[COMP_CWORD - 2]}", "  fi",
             "  COMPREPLY=()"]
    if commands:
        lines += ['  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
                  f'    case $word in {" | ".join(commands)}) command=$word && break ;; esac',
                  "  done"]
    lines.append('  case $command:$prev in')
    lines += [line.replace("    ", "    *:", 1) for line in _bash_values(help_.flags)]
    for command in help_.commands:
        word = command.name.split()[-1]
        lines += [line.replace("    ", f"    {word}:", 1) for line in _bash_values(command.flags)]
    lines += ["  esac", "  case $command in"]
    for word, flags in [("''", help_.flags)] + [(c.name.split()[-1], c.flags)
                                                for c in help_.commands]:
        names = " ".join(dict.fromkeys(_long(flag) for flag in flags))
        if word == "''" and commands:
            names += " " + " ".join(commands)
        lines.append(f'    {word}) words="{names}" ;;')
    lines += ["  esac", '  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")', "}",
              f"complete -F {function} {help_.name}"]
    return "\n".join(lines) + "\n"


def _zsh_text(text):
    """Within single quotes, and within what _arguments takes for its own."""
    return re.sub(r"([\[\]:\\])", r"\\\1", text).replace("'", "'\\''")


def _zsh_flag(flag):
    spec = "*" if flag.repeated else ""
    spec += f"{_long(flag)}{'=' if flag.value else ''}[{_zsh_text(flag.text)}]"
    if flag.value:
        action = "_files" if _is_file(flag) else f"({' '.join(flag.choices)})" if flag.choices else ""
        spec += f":{flag.value}:{action}"
    return f"'{spec}'"


def zsh(help_):
    """A file for a folder of $fpath."""
    lines = [f"#compdef {help_.name}", _HEAD.format(help_.name).rstrip(),
             "local curcontext=$curcontext state line", "_arguments -C \\"]
    lines += [f"  {_zsh_flag(flag)} \\" for flag in help_.flags]
    if not help_.commands:
        lines[-1] = lines[-1].removesuffix(" \\")
        return "\n".join(lines) + "\n"
    lines += ["  '1:command:->command' \\", "  '*::argument:->argument'", "case $state in",
              "  command)", "    local -a commands=("]
    lines += [f"      '{c.name.split()[-1]}:{_zsh_text(c.summary)}'" for c in help_.commands]
    lines += ["    )", "    _describe command commands", "    ;;", "  argument)",
              "    case $line[1] in"]
    for command in help_.commands:
        lines += [f"      {command.name.split()[-1]})", "        _arguments \\"]
        lines += [f"          {_zsh_flag(flag)} \\" for flag in command.flags]
        lines[-1] = lines[-1].removesuffix(" \\")
        lines.append("        ;;")
    return "\n".join([*lines, "    esac", "    ;;", "esac"]) + "\n"


def _fish_text(text):
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _fish_flag(program, condition, flag):
    words = ["complete", "-c", program, *condition, "-l", _long(flag).removeprefix("--")]
    if flag.value:
        words += ["-r"] if _is_file(flag) else ["-x"]
        if flag.choices:
            words += ["-a", f"'{' '.join(flag.choices)}'"]
    return " ".join([*words, "-d", f"'{_fish_text(flag.text)}'"])


def fish(help_):
    """A file for /usr/share/fish/vendor_completions.d."""
    program = help_.name
    lines = [_HEAD.format(program).rstrip(), f"complete -c {program} -f"]
    outside = ["-n", "__fish_use_subcommand"] if help_.commands else []
    lines += [_fish_flag(program, outside, flag) for flag in help_.flags]
    for command in help_.commands:
        word = command.name.split()[-1]
        lines.append(f"complete -c {program} -n __fish_use_subcommand -a {word} "
                     f"-d '{_fish_text(command.summary)}'")
        inside = ["-n", f"'__fish_seen_subcommand_from {word}'"]
        lines += [_fish_flag(program, inside, flag) for flag in command.flags]
    return "\n".join(lines) + "\n"
