"""Kafka's jars, and how to run Java programs with them. scripts/setup puts the jars into the
cache: <cache>/kafka-<version>/libs/*.jar."""

import os
import pathlib

DEFAULT_VERSION = "4.2.0"
_JAVA = pathlib.Path(__file__).parent / "java"


def kafka_version():
    """The version to run: BACKLOGD_KAFKA_VERSION, else DEFAULT_VERSION."""
    return os.environ.get("BACKLOGD_KAFKA_VERSION") or DEFAULT_VERSION


def cache_folder():
    """Where scripts/setup keeps what it fetched or built once."""
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(os.environ.get("BACKLOGD_CACHE") or pathlib.Path(base) / "backlogd")


def kafka_jars(version):
    """The folder of Kafka's jars. Raises FileNotFoundError that says how to get them."""
    folder = cache_folder() / f"kafka-{version}" / "libs"
    if not (folder / f"kafka-clients-{version}.jar").exists():
        raise FileNotFoundError(f"Kafka {version} is not in {folder}: run scripts/setup with "
                                f"BACKLOGD_KAFKA_VERSION={version}")
    return folder


def java_command(jars, main_class, arguments, heap, log_level, class_path=()):
    """A command line that starts fast and stays small; the program logs to stderr."""
    return ["java", f"-Xmx{heap}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
            f"-Dbacklogd.log.level={log_level}",
            f"-Dlog4j.configuration=file:{_JAVA}/log4j.properties",
            f"-Dlog4j2.configurationFile={_JAVA}/log4j2.properties",
            "-cp", ":".join([f"{jars}/*", *map(str, class_path)]), main_class, *arguments]
