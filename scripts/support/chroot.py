"""A Debian of its own in a folder, without a container engine. Needs root."""

import contextlib
import os
import shutil
import subprocess

# What makes this machine's network work.
MACHINE_FILES = ["/etc/resolv.conf", "/usr/local/share/ca-certificates", "/etc/apt/apt.conf.d"]


def base_system(folder, suite):
    """A bare system of `suite` below `folder`; made when it is not there yet."""
    base = os.path.join(folder, suite)
    if not os.path.isdir(base):
        shutil.rmtree(base + ".new", ignore_errors=True)
        subprocess.run(["debootstrap", "--variant=minbase", suite, base + ".new"], check=True,
                       stdout=subprocess.DEVNULL)
        os.rename(base + ".new", base)
    return base


def copy_machine_files(folder):
    for name in MACHINE_FILES:
        if os.path.isdir(name):
            shutil.copytree(name, folder + name, dirs_exist_ok=True)
        elif os.path.exists(name):
            shutil.copy(name, folder + name)


@contextlib.contextmanager
def mounted(folder):
    """What a container engine gives each command: /proc and a few devices."""
    mounts = [("proc", f"{folder}/proc", ["-t", "proc"])]
    mounts += [(f"/dev/{name}", f"{folder}/dev/{name}", ["--bind"])
               for name in ("null", "zero", "urandom")]
    done = []
    try:
        for source, target, options in mounts:
            subprocess.run(["mount", *options, source, target], check=True)
            done.append(target)
        yield
    finally:
        for target in reversed(done):
            subprocess.run(["umount", target], check=True)
