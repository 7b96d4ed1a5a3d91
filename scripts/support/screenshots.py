"""Makes the pictures of the READMEs: the status page of a real backlogd over a real Kafka, while
all of the demo's troubles are there at once."""

import argparse
import contextlib
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests/integration")]

import browser  # noqa: E402
from support.demo import start_daemon  # noqa: E402
from support.demo_load import Load  # noqa: E402
from support.kafka_cluster import KafkaCluster  # noqa: E402
from support.kafka_driver import KafkaDriver  # noqa: E402
from support.processes import exit_on_signals, wait_until  # noqa: E402
from support.stories import STORIES  # noqa: E402
from support.story_teller import CLUSTER, Telling, verdict  # noqa: E402

NAMES = {"en": "status-page.png", "zh": "status-page.zh-CN.png"}
WIDTH = 1340
CALM_SECONDS = 90  # at most
TROUBLE_SECONDS = 300  # at most
LINGER_SECONDS = 90  # the trends have a point a minute
PICTURE_SECONDS = 180  # at most
LIMIT_BYTES = 250_000


def demand_chinese_font():
    """Raises RuntimeError unless Chinese would be drawn as more than boxes."""
    found = subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, text=True, check=True)
    if not found.stdout.strip():
        raise RuntimeError("no font has Chinese: install fonts-wqy-zenhei or fonts-noto-cjk")


def tell_all(daemon, load):
    """All stories: calm times, and then every trouble at once, until backlogd has said each."""
    tellings = [Telling(story, load) for story in STORIES]
    for telling in tellings:
        telling.begin_calm()

    def follow(is_over, seconds, what):
        def over():
            page = daemon.scrape()
            for telling in tellings:
                telling.go_on(page)
            return all(is_over(telling, page) for telling in tellings)

        wait_until(over, seconds, what, interval=1)

    follow(lambda telling, page: telling.is_calm(page), CALM_SECONDS, "all groups are calm")
    for telling in tellings:
        telling.begin_trouble()
    began = time.monotonic()

    def is_told(telling, page):
        now = verdict(page, telling.story.group)[0]
        return (telling.seen and now == (telling.story.status or "ok")
                and time.monotonic() - began > LINGER_SECONDS)

    follow(is_told, TROUBLE_SECONDS, "every trouble shows at the same time")


# What the page says is the trouble of each group; a machine that is too busy leaves some unknown.
_STATUSES = """[...document.querySelectorAll('tbody')[0].rows].map(
    (row) => row.cells[1].innerText.trim())"""
# Groups, clusters and dead letters: up to the heading of what comes next.
_END = "[...document.querySelectorAll('main h2')].at(-1).getBoundingClientRect().top"
_PAINT = """window.painted = false;
    requestAnimationFrame(() => requestAnimationFrame(() => { window.painted = true; }))"""


def picture_of(page, url):
    """What the page shows, or None if it does not show every trouble now."""
    page.resize(WIDTH, 600)
    page.go(url)
    statuses = page.run(_STATUSES)
    wanted = {story.status or "ok" for story in STORIES}
    if len(statuses) != len(STORIES) or len(set(statuses)) != len(wanted):
        return None
    page.resize(WIDTH, int(page.run(_END)) - 10)
    page.run(_PAINT)
    page.wait("window.painted")
    return page.picture()


def take(daemon, folder):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, \
            browser.Page(profile) as page:
        for language, name in NAMES.items():
            url = f"http://{daemon.address}/?lang={language}"
            picture = wait_until(lambda url=url: picture_of(page, url), PICTURE_SECONDS,
                                 "the page shows every trouble", interval=1)
            if len(picture) > LIMIT_BYTES:
                raise RuntimeError(f"{name} has {len(picture)} bytes, more than {LIMIT_BYTES}")
            (folder / name).write_bytes(picture)
            print(f"screenshots: {folder / name}, {len(picture)} bytes", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="scripts/screenshots", description=__doc__)
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "docs/images",
                        help="where the pictures go; default: docs/images")
    options = parser.parse_args()
    exit_on_signals()
    browser.demand()
    demand_chinese_font()
    options.folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        kafka = stack.enter_context(KafkaCluster())
        driver = stack.enter_context(KafkaDriver(kafka.jars, kafka.bootstrap_servers))
        load = stack.enter_context(Load(driver, kafka.bootstrap_servers, STORIES, keep=True))
        load.create_topics()
        daemon = start_daemon(stack, kafka.bootstrap_servers)
        daemon.wait(lambda page: page.value("backlogd_up", kafka_cluster=CLUSTER) == 1, 60, "up")
        tell_all(daemon, load)
        take(daemon, options.folder)


if __name__ == "__main__":
    sys.exit(main())
