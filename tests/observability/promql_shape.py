"""How many series an expression may give: which labels they have, and which of these are bounded.

Reads what promtool has read, with variables replaced. What it does not know raises ValueError.
"""

import math
from typing import NamedTuple

import catalog
import promql

# How many values a label may have, where that is in our hands. All others may have more than a
# picture has room for.
_VALUES = {"action": 4, "alertstate": 2, "cause": 8, "code": 15, "convention": 11, "le": 15,
           "level": 6, "quantile": 3, "reason": 8, "severity": 4, "state": 8, "status": 8,
           "step": 11, "type": 4}
_ROOM = 20
_MOST_OF_TOP = 100
_TOP = {"topk", "bottomk"}
_AGGREGATIONS = _TOP | {"sum", "avg", "min", "max", "count", "group", "stddev", "stdvar", "quantile"}
_SCALARS = {"time", "pi", "scalar"}
_OF_ONE = {"vector", "absent", "absent_over_time"}
# From the weakest to the strongest.
_OPERATORS = (("or",), ("and", "unless"), ("==", "!=", ">", "<", ">=", "<="), ("+", "-"),
              ("*", "/", "%", "atan2"), ("^",))


class Shape(NamedTuple):
    """`bound`: of the labels those whose combinations are few, whatever there is in the world.
    `said`: those that say something of what the others name, of which there is one series each. A
    number is no Shape, but None."""
    labels: frozenset
    bound: frozenset
    said: frozenset = frozenset()

    def closed(self):
        """Of few there is few to say."""
        return self._replace(bound=self.labels) if self.labels - self.said <= self.bound else self


_ONE = Shape(frozenset(), frozenset())


class _Matching(NamedTuple):
    on: frozenset | None
    ignoring: frozenset
    group: str  # "", group_left or group_right
    included: frozenset


def read(expression, samples, over_time=False):
    """The Shape of an expression. `samples`: labels by name, see catalog.read_samples. `over_time`:
    of all moments together, so that a rank that changes between them binds nothing."""
    return _Reader(expression, samples, over_time).read()


def has_room(expression, samples, over_time=False):
    """Whether it gives few series, however many groups and topics there are."""
    shape = read(expression, samples, over_time) or _ONE
    return math.prod(_VALUES.get(label, math.inf)
                     for label in shape.labels - shape.bound) <= _ROOM


class _Reader:
    def __init__(self, expression, samples, over_time):
        self._expression = expression
        self._samples = samples
        self._over_time = over_time
        self._moving = 0  # what was read that is not the same at each moment
        self._tokens = _with_operators(promql.tokens(expression))
        self._at = 0

    def read(self):
        shape = self._binary(0)
        self._demand("")
        return shape

    def _peek(self):
        return self._tokens[min(self._at, len(self._tokens) - 1)][1]

    def _next(self):
        if self._at == len(self._tokens):
            raise ValueError(f"{self._expression!r} does not end")
        self._at += 1
        return self._tokens[self._at - 1][1]

    def _demand(self, text):
        if self._next() != text:
            raise ValueError(f"no {text!r} where it belongs in {self._expression!r}")

    def _takes(self, text):
        found = self._peek() == text
        self._at += found
        return found

    def _binary(self, level):
        if level == len(_OPERATORS):
            return self._unary()
        left = self._binary(level + 1)
        while self._peek() in _OPERATORS[level]:
            operator, matching = self._next(), self._matching()
            left = _joined(operator, left, self._binary(level + 1), matching)
        return left

    def _matching(self):
        self._takes("bool")
        on, ignoring, group, included = None, frozenset(), "", frozenset()
        if self._takes("on"):
            on = self._names()
        elif self._takes("ignoring"):
            ignoring = self._names()
        if self._peek() in ("group_left", "group_right"):
            group = self._next()
            included = self._names() if self._peek() == "(" else included
        return _Matching(on, ignoring, group, included)

    def _names(self):
        self._demand("(")
        names = set()
        while not self._takes(")"):
            names.add(self._next())
        return frozenset(names - {","})

    def _unary(self):
        if self._peek() in ("-", "+"):
            self._next()
            return self._unary()
        moving = self._moving
        shape = self._primary()
        while self._tokens[self._at][0] == "range" or self._peek() in ("offset", "@"):
            if self._peek() == "@":
                self._moving = moving
            self._modifier()
        return shape

    def _modifier(self):
        if self._next() in ("offset", "@"):
            self._takes("-")
            self._next()
            if self._takes("("):
                self._demand(")")

    def _primary(self):
        kind, text = self._tokens[self._at][0], self._next()
        if text == "(":
            shape = self._binary(0)
            self._demand(")")
            return shape
        if kind == "number":
            return None
        if kind != "word":
            raise ValueError(f"cannot read {text!r} in {self._expression!r}")
        if text in _AGGREGATIONS and self._peek() in ("by", "without", "("):
            return self._aggregation(text)
        return self._call(text) if self._peek() == "(" else self._selector(text)

    def _selector(self, metric):
        bound = set()
        self._moving += 1
        if self._takes("{"):
            while not self._takes("}"):
                label, operator = self._next(), self._next()
                self._next()
                bound |= {label} if operator == "=" else set()
                self._takes(",")
        labels = frozenset(self._samples[metric])
        said = catalog.SAID.get(metric, frozenset())
        return Shape(labels, labels & bound, said).closed()

    def _aggregation(self, name):
        grouping = self._grouping()
        self._demand("(")
        kind, text = self._tokens[self._at]
        is_few = kind == "number" and float(text) <= _MOST_OF_TOP
        moving = self._moving
        shape = self._binary(0)
        if self._takes(","):
            shape = self._binary(0)
        self._demand(")")
        how, names = grouping or self._grouping() or ("by", frozenset())
        kept = shape.labels & names if how == "by" else shape.labels - names
        if name in _TOP:
            # So many of each combination of what is kept.
            binds = is_few and kept <= shape.bound and not (
                self._over_time and self._moving > moving)
            return shape._replace(bound=shape.labels) if binds else shape
        named = shape.labels - shape.said - catalog.TARGET_LABELS <= kept
        return Shape(kept, kept & shape.bound, kept & shape.said if named else frozenset())

    def _grouping(self):
        return (self._next(), self._names()) if self._peek() in ("by", "without") else None

    def _call(self, name):
        self._demand("(")
        arguments = []
        while not self._takes(")"):
            is_text = self._tokens[self._at][0] == "string"
            arguments.append(self._next().strip("\"'") if is_text else self._binary(0))
            self._takes(",")
        self._moving += name == "time"
        if name in _SCALARS:
            return None
        if name in _OF_ONE:
            return _ONE
        shape = next(one for one in arguments if isinstance(one, Shape))
        if name == "histogram_quantile":
            return Shape(shape.labels - {"le"}, shape.bound - {"le"}, shape.said)
        if name == "label_replace":
            return _replaced(shape, arguments[1], arguments[3])
        if name == "label_join":
            raise ValueError(f"label_join() in {self._expression!r}")
        return shape


def _with_operators(tokens):
    """With == and the like in one piece."""
    pieces = []
    for kind, text in tokens:
        if kind == "sign" and text in "=~" and pieces and pieces[-1][1] in ("=", "!", "<", ">"):
            pieces[-1] = kind, pieces[-1][1] + text
        else:
            pieces.append((kind, text))
    return pieces


def _replaced(shape, label, source):
    def written(labels, is_so):
        return labels - {label} | ({label} if is_so else set())

    is_bound = not source or source in shape.bound or source not in shape.labels
    return Shape(shape.labels | {label}, written(shape.bound, is_bound),
                 written(shape.said, source in shape.said))


def _few(labels, shape):
    """Those of the labels that are bounded in it. One that it does not have is empty."""
    return frozenset(label for label in labels
                     if label in shape.bound or label not in shape.labels)


def _joined(operator, left, right, matching):
    if left is None or right is None:
        return right if left is None else left
    if operator == "unless":
        return left
    every = left.labels | right.labels
    if operator == "or":
        return Shape(every, _few(every, left) & _few(every, right), left.said & right.said)
    if matching.group == "group_right":
        left, right = right, left
    equal = every - matching.ignoring if matching.on is None else matching.on
    labels = left.labels
    if operator != "and" and not matching.group:
        labels = equal & labels
    said = left.said if labels >= left.labels else frozenset()
    labels |= matching.included
    return Shape(labels, labels & (left.bound | _few(equal, right)
                                   | matching.included & right.bound), said).closed()
