"""What an expression asks for: selectors, and the labels that it groups by.

No parser: expressions are known to be valid, because promtool has read them.
"""

import collections
import re

# `function` is the innermost call around the selector, or None.
Selector = collections.namedtuple("Selector", "metric matchers range function")
Query = collections.namedtuple("Query", "selectors grouped")

_TOKEN = re.compile(r"""
    \s+ | \#[^\n]*
  | (?P<string> "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' )
  | (?P<range> \[ [^\]]* \] )
  | (?P<number> \d [\w.]* )
  | (?P<word> [A-Za-z_:][\w:]* )
  | (?P<sign> [-+*/%^=!<>~(){},@] )
""", re.VERBOSE)
_GROUPING = {"by", "without", "on", "ignoring", "group_left", "group_right"}
_OTHER_WORDS = {"and", "or", "unless", "bool", "offset", "atan2", "inf", "nan"}


def read(expression):
    return _Reader(expression).read()


def tokens(expression):
    at = 0
    while at < len(expression):
        token = _TOKEN.match(expression, at)
        if not token:
            raise ValueError(f"cannot read {expression[at:]!r} in {expression!r}")
        at = token.end()
        if token.lastgroup:
            yield token.lastgroup, token[token.lastgroup]
    yield "end", ""


class _Reader:
    def __init__(self, expression):
        self._tokens = list(tokens(expression))
        self._at = 0
        self._calls = []  # one for each open parenthesis: the function's name, or None
        self._callee = None
        self._query = Query([], set())

    def read(self):
        while self._peek()[0] != "end":
            kind, text = self._next()
            if kind == "word":
                self._read_word(text)
            elif text == "(":
                self._calls.append(self._callee)
                self._callee = None
            elif text == ")":
                self._calls.pop()
            elif text == "{":
                self._at -= 1
                self._read_selector("")
        return self._query

    def _peek(self):
        return self._tokens[self._at]

    def _next(self):
        self._at += 1
        return self._tokens[self._at - 1]

    def _read_word(self, word):
        opens = self._peek()[1]
        if word in _GROUPING:
            if opens == "(":
                self._read_grouping()
        elif opens == "(" and word not in _OTHER_WORDS or opens in ("by", "without"):
            self._callee = word
        elif word not in _OTHER_WORDS:
            self._read_selector(word)

    def _read_grouping(self):
        labels = set()
        self._next()
        while self._peek()[1] != ")":
            kind, text = self._next()
            if kind == "word":
                labels.add(text)
        self._next()
        self._query.grouped.update(labels)

    def _read_selector(self, metric):
        matchers = {}
        if self._peek()[1] == "{":
            self._next()
            while self._peek()[1] != "}":
                label, operator = self._next()[1], ""
                while self._peek()[0] == "sign":
                    operator += self._next()[1]
                matchers[label] = operator + self._next()[1]
                if self._peek()[1] == ",":
                    self._next()
            self._next()
        span = self._next()[1].strip("[]") if self._peek()[0] == "range" else None
        function = self._calls[-1] if self._calls else None
        self._query.selectors.append(Selector(metric, matchers, span, function))


def problems(expression, samples):
    """What is wrong with the names in an expression, as sentences.

    `samples`: labels by name, see catalog.read_samples
    """
    query = read(expression)
    known = set()
    for selector in query.selectors:
        labels = samples.get(selector.metric)
        if labels is None:
            yield f"no metric {selector.metric!r}"
            continue
        known |= labels
        for label in selector.matchers.keys() - labels:
            yield f"{selector.metric} has no label {label!r}"
    for label in query.grouped - known:
        yield f"groups by {label!r}, which no metric in it has"
