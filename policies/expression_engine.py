"""The grammar of conditions: what `rule_engine` can parse, cut down to a list of harmless parts, with types checked.

Imported on first use only, by `policies.expressions`.
"""

import threading
import time
from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _
from rule_engine import Context, DataType, ast
from rule_engine.errors import EngineError, EvaluationError, SyntaxError
from rule_engine.parser import Parser

from policies import expressions as terms
from policies.expressions import NUMBER, NUMBERS, TEXT, TEXTS, YES_NO
from policies.folding import fold

__all__ = ["EngineError", "SyntaxError", "Values", "parse"]

_TYPES = {TEXT: DataType.STRING, NUMBER: DataType.FLOAT, TEXTS: DataType.ARRAY(DataType.STRING)}
_SIGNS = {name.lower(): sign for sign, name in Parser.op_names.items()}


class Values:
    """What an expression is asked about, and until when (of `time.perf_counter`) it must have answered."""

    def __init__(self, values: Mapping[str, object], *, until: float):
        self._values = values
        self._until = until

    def get(self, name: str) -> object:
        if time.perf_counter() > self._until:
            raise EvaluationError("it took too long")
        return self._values[name]


class _ShortParser(Parser):
    """The whole grammar, looking at the tree before anything in it is built: building computes constant parts."""

    start = "statement"
    paths: list[str]

    def p_statement_expr(self, p):
        """
        statement : expression
                  | expression COMMENT
        """
        _Check(self.paths).whole(p[1])
        super().p_statement_expr(p)


class _Check:
    """One walk over the parsed tree: which parts, how many, how deep, and whether their types fit."""

    def __init__(self, paths: list[str]):
        self.paths = paths
        self.parts = 0

    def whole(self, node) -> None:
        if self._type(node, 0) != YES_NO:
            raise terms.refuse(_("It must say yes or no, as in: %(example)s") % {"example": terms.EXAMPLE})

    def _type(self, node, depth: int) -> str:
        self.parts += 1
        if self.parts > terms.MOST_PARTS:
            raise terms.refuse(_("It has too many parts; at most %(n)s.") % {"n": terms.MOST_PARTS})
        if depth > terms.DEEPEST:
            raise terms.refuse(_("It is nested too deeply; at most %(n)s levels.") % {"n": terms.DEEPEST})
        read = _READERS.get(node.cls)
        if read is None:
            raise terms.refuse(
                _("This is not allowed here: %(part)s. Allowed: names, texts, numbers, lists, and, or, not, in, +, -.")
                % {"part": _words(node)}
            )
        return read(self, node, depth + 1)

    def _text(self, node, depth) -> str:
        context, value = node.args
        node.args = (context, fold(value))
        return TEXT

    def _number(self, node, depth) -> str:
        digits = node.args[1]
        if len(digits) > 15 or not digits.replace(".", "", 1).isdigit():
            raise terms.refuse(_("Write numbers plainly, as 300 or 99.50: %(part)s") % {"part": digits[:20]})
        return NUMBER

    def _yes_no(self, node, depth) -> str:
        return YES_NO

    def _name(self, node, depth) -> str:
        name = node.args[1]
        kind = terms.NAMES.get(name) if not node.kwargs.get("scope") else None
        if kind is None:
            raise self._unknown(name, terms.NAMES)
        if isinstance(kind, dict):
            raise terms.refuse(
                _("%(name)s has parts; name one: %(parts)s")
                % {"name": name, "parts": ", ".join(f"{name}.{part}" for part in kind)}
            )
        self.paths.append(name)
        return kind

    def _part(self, node, depth) -> str:
        _context, owner, part = node.args
        if owner.cls is not ast.SymbolExpression or node.kwargs.get("safe"):
            raise terms.refuse(_("Only a name can have parts, as order.value: %(part)s") % {"part": _words(node)})
        name = owner.args[1]
        parts = terms.NAMES.get(name)
        if parts is None:
            raise self._unknown(name, terms.NAMES)
        if not isinstance(parts, dict) or part not in parts:
            raise self._unknown(f"{name}.{part}", [f"{name}.{p}" for p in parts] if isinstance(parts, dict) else [])
        self.paths.append(f"{name}.{part}")
        return parts[part]

    def _list(self, node, depth) -> str:
        kinds = {self._type(item, depth) for item in node.args[1]}
        if kinds == {TEXT}:
            return TEXTS
        if kinds == {NUMBER}:
            return NUMBERS
        raise terms.refuse(_("A list holds texts only or numbers only: %(part)s") % {"part": _words(node)})

    def _logic(self, node, depth) -> str:
        for side in node.args[2:]:
            self._must_be(YES_NO, side, depth, node)
        return YES_NO

    def _not(self, node, depth) -> str:
        _context, operator, right = node.args
        wanted = YES_NO if operator.lower() == "not" else NUMBER
        self._must_be(wanted, right, depth, node)
        return wanted

    def _sum(self, node, depth) -> str:
        for side in node.args[2:]:
            self._must_be(NUMBER, side, depth, node)
        return NUMBER

    def _order(self, node, depth) -> str:
        for side in node.args[2:]:
            self._must_be(NUMBER, side, depth, node)
        return YES_NO

    def _equal(self, node, depth) -> str:
        left, right = (self._type(side, depth) for side in node.args[2:])
        if left != right or left in (TEXTS, NUMBERS):
            raise self._mismatch(node, left, right)
        return YES_NO

    def _contains(self, node, depth) -> str:
        _context, container, member = node.args
        held, wanted = self._type(container, depth), self._type(member, depth)
        if (wanted, held) not in {(TEXT, TEXT), (TEXT, TEXTS), (NUMBER, NUMBERS)}:
            raise self._mismatch(node, wanted, held)
        return YES_NO

    def _must_be(self, wanted: str, side, depth: int, node) -> None:
        found = self._type(side, depth)
        if found != wanted:
            raise terms.refuse(
                _("In “%(place)s”, “%(part)s” is %(found)s, but %(wanted)s is needed there.")
                % {"place": _words(node), "part": _words(side), "found": _(found), "wanted": _(wanted)}
            )

    def _mismatch(self, node, left: str, right: str):
        return terms.refuse(
            _("In “%(place)s”, %(left)s is compared with %(right)s.")
            % {"place": _words(node), "left": _(left), "right": _(right)}
        )

    def _unknown(self, name: str, known):
        return terms.refuse(
            _("“%(name)s” is not known. Known are: %(known)s.")
            % {"name": name, "known": ", ".join(known) or ", ".join(terms.NAMES)}
        )


_READERS = {
    ast.StringExpression: _Check._text,
    ast.FloatExpression: _Check._number,
    ast.BooleanExpression: _Check._yes_no,
    ast.SymbolExpression: _Check._name,
    ast.GetAttributeExpression: _Check._part,
    ast.ArrayExpression: _Check._list,
    ast.LogicExpression: _Check._logic,
    ast.UnaryExpression: _Check._not,
    ast.AddExpression: _Check._sum,
    ast.SubtractExpression: _Check._sum,
    ast.ArithmeticComparisonExpression: _Check._order,
    ast.ComparisonExpression: _Check._equal,
    ast.ContainsExpression: _Check._contains,
}
"""The parts that are allowed. A part of the grammar that is not here is refused."""


def _words(node) -> str:
    """Return a part of the tree as somebody would have typed it, cut short."""
    return " ".join(_tokens(node, 0))[:80]


def _tokens(node, depth: int) -> Iterator[str]:
    cls, args = node.cls, node.args
    if depth > 4:
        yield "…"
    elif cls is ast.StringExpression:
        yield f'"{args[1]}"'
    elif cls is ast.GetAttributeExpression and args[1].cls is ast.SymbolExpression:
        yield f"{args[1].args[1]}.{args[2]}"
    elif cls is ast.ContainsExpression:
        yield from _tokens(args[2], depth + 1)
        yield "in"
        yield from _tokens(args[1], depth + 1)
    elif cls is ast.UnaryExpression:
        yield {"uminus": "-"}.get(args[1].lower(), args[1].lower())
        yield from _tokens(args[2], depth + 1)
    elif len(args) == 4 and isinstance(args[1], str):
        yield from _tokens(args[2], depth + 1)
        yield _SIGNS.get(args[1].lower(), args[1].lower())
        yield from _tokens(args[3], depth + 1)
    elif cls in (ast.FloatExpression, ast.SymbolExpression, ast.BooleanExpression):
        yield str(args[1]).lower() if cls is ast.BooleanExpression else str(args[1])
    elif cls is ast.ArrayExpression:
        yield "[…]"
    else:
        yield cls.__name__.removesuffix("Expression").lower()


def _type_of(name: str):
    kind = terms.NAMES[name]
    if isinstance(kind, dict):
        parts = {part: _TYPES[of] for part, of in kind.items()}
        return DataType.OBJECT(name, parts, accessor=lambda value, part: value[part])
    return _TYPES[kind]


_LOCK = threading.Lock()
_CONTEXT = Context(type_resolver=_type_of, resolver=lambda values, name: values.get(name))
_PARSER = _ShortParser()


def parse(source: str, paths: list[str]):
    """Return the statement of SOURCE and put the names that it reads into PATHS."""
    # The list is handed to the check through the one parser of the process.
    with _LOCK:
        _PARSER.paths = paths
        return _PARSER.parse(source, _CONTEXT)
