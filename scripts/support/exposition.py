"""A strict reader of the page that Prometheus would scrape: text 0.0.4, and OpenMetrics as far as
backlogd uses it. What a scraper might forgive is an error here."""

import math
import re

_LABEL_ORDER = ["kafka_cluster", "group", "topic", "partition"]
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')
_SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)', re.DOTALL)
_ESCAPES = {r"\\": "\\", r"\"": '"', r"\n": "\n"}
_SUFFIXES = {"histogram": ["_bucket", "_sum", "_count"], "summary": ["", "_sum", "_count"]}


class ExpositionError(AssertionError):
    """The page breaks the format's rules."""


class Page:
    """`families`: {name: type}, in the page's order; a counter's name ends in _total in both
    formats. A sample's name is as on the page."""

    def __init__(self):
        self.families = {}
        self._samples = {}

    def value(self, name, **labels):
        """The sample with exactly these labels; None if it is absent."""
        wanted = tuple(sorted((key, str(value)) for key, value in labels.items()))
        return self._samples.get(name, {}).get(wanted)

    def series(self, name, **labels):
        """[(labels, value), ...] of the samples that have (at least) these labels."""
        wanted = {key: str(value) for key, value in labels.items()}.items()
        return [(dict(found), value) for found, value in self._samples.get(name, {}).items()
                if wanted <= dict(found).items()]

    def by(self, name, *keys, **labels):
        """{values of the labels `keys`: value} of series(name, **labels); of one key, bare."""
        found = {}
        for has, value in self.series(name, **labels):
            key = tuple(has[key] for key in keys)
            if key in found:
                raise ExpositionError(f"{name}: two samples for {key}")
            found[key] = value
        return found if len(keys) != 1 else {key: value for (key,), value in found.items()}

    def add(self, name, labels, value):
        samples = self._samples.setdefault(name, {})
        key = tuple(sorted(labels.items()))
        if key in samples:
            raise ExpositionError(f"duplicate sample {name}{labels}")
        samples[key] = value


def parse(body, open_metrics=False):
    """Reads a page of bytes. Raises ExpositionError that quotes the line."""
    text = body.decode("utf-8")
    if open_metrics:
        if not text.endswith("# EOF\n"):
            raise ExpositionError("does not end with # EOF")
        text = text[:-len("# EOF\n")]
    if text and not text.endswith("\n"):
        raise ExpositionError("does not end with a line end")
    reader = _Reader(open_metrics)
    for line in text.split("\n")[:-1]:
        try:
            reader.read(line)
        except ExpositionError as error:
            raise ExpositionError(f"{error}: {line!r}") from None
    reader.end_family()
    return reader.page


class _Reader:
    """Family by family: what describes it, once each, and then at least one sample."""

    def __init__(self, open_metrics):
        self.page = Page()
        self._open_metrics = open_metrics
        self._described = {}  # HELP, TYPE, UNIT of the current family
        self._family = None
        self._names = []  # that its samples may have
        self._sampled = True

    def read(self, line):
        if line.startswith("# "):
            self._describe(*(line[2:].split(" ", 2) + [""])[:3])
        else:
            self._sample(line)

    def end_family(self):
        if not self._sampled:
            raise ExpositionError(f"{self._family} has no sample")

    def _describe(self, what, family, text):
        if what not in ("HELP", "TYPE") and not (self._open_metrics and what == "UNIT"):
            raise ExpositionError("neither HELP nor TYPE")
        if family != self._family:
            self.end_family()
            self._family, self._described, self._sampled = family, {}, False
        if self._sampled or what in self._described:
            raise ExpositionError(f"{what} too late or twice")
        if not text:
            raise ExpositionError(f"empty {what}")
        self._described[what] = text

    def _sample(self, line):
        match = _SAMPLE.fullmatch(line)
        if not match:
            raise ExpositionError("not a sample")
        name, labels, value = match.groups()
        if not self._sampled:
            self._begin_samples()
        if name not in self._names:
            raise ExpositionError(f"not of the family {self._family}")
        self.page.add(name, _labels(labels), _value(value))

    def _begin_samples(self):
        if not {"HELP", "TYPE"} <= self._described.keys():
            raise ExpositionError("samples without HELP and TYPE")
        kind = self._described["TYPE"]
        name = self._family
        if self._open_metrics and kind in ("counter", "info"):
            name += {"counter": "_total", "info": "_info"}[kind]
        if name in self.page.families:
            raise ExpositionError("the family stands twice")
        if kind == "counter" and not name.endswith("_total"):
            raise ExpositionError("a counter without _total")
        self.page.families[name] = kind
        self._names = [name + suffix for suffix in _SUFFIXES.get(kind, [""])]
        self._sampled = True


def _labels(text):
    labels = {}
    position = 0
    while text and position < len(text):
        if position and text[position] != ",":
            raise ExpositionError("no comma between labels")
        match = _LABEL.match(text, position + (position > 0))
        if not match:
            raise ExpositionError("not a label")
        key, value = match.groups()
        if key in labels:
            raise ExpositionError("a label twice")
        labels[key] = re.sub(r'\\.', lambda escape: _ESCAPES[escape.group()], value)
        position = match.end()
    ours = [_LABEL_ORDER.index(key) if key in _LABEL_ORDER else 9 for key in labels]
    if ours != sorted(ours):
        raise ExpositionError("labels out of order")
    return labels


def _value(text):
    try:
        value = float(text)
    except ValueError:
        raise ExpositionError("not a number") from None
    if not math.isfinite(value):
        raise ExpositionError("unknown is an absent sample, never NaN or infinite")
    return value
