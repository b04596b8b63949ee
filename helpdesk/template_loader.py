"""Templates put together once for each language instead of for each page.

Most tags of our pages say the same to every reader of a language: translated words, addresses of pages, names of
static files, symbols. They are filled in when a template is first needed in that language. Of an address with the
number of a ticket, only the number is left to be filled in on the page. Of indentation, which browsers ignore and which
was a thirtieth of a page, only the ends of lines are kept.
"""

import re
from threading import RLock

from django.template import Context, Template
from django.template.base import Node, NodeList, TextNode
from django.template.defaulttags import AutoEscapeControlNode, URLNode
from django.template.library import SimpleNode
from django.template.loaders import cached
from django.templatetags.i18n import TranslateNode
from django.templatetags.static import StaticNode
from django.urls import reverse
from django.utils.translation import get_language

CONSTANT = "same_for_everybody"
"""Attribute of a tag's function that says: with literal arguments it draws the same on every page of a language."""

_INDENTATION = re.compile(r"\s*\n\s*")


class Loader(cached.Loader):
    """Django's loader that keeps what it has compiled, except that it keeps one for each language."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self._filling = RLock()

    def cache_key(self, template_name: str, skip=None) -> str:
        return f"{get_language()} {super().cache_key(template_name, skip)}"

    def get_template(self, template_name: str, skip=None) -> Template:
        # Django's keeps a template before it is filled in: no other thread may get it until that is done.
        with self._filling:
            template = super().get_template(template_name, skip)
            if not getattr(template, "is_filled_in", False):
                if template_name.endswith(".html"):
                    _outdent(template.nodelist)
                _fill_in(template.nodelist)
                template.is_filled_in = True
        return template


def _outdent(nodes: NodeList) -> None:
    for node in nodes:
        if isinstance(node, TextNode):
            node.s = _INDENTATION.sub("\n", node.s)
        for name in node.child_nodelists:
            for children in _children(node, name):
                _outdent(children)


def _fill_in(nodes: NodeList) -> None:
    """Replace in place whatever is the same for everybody by its text, and join texts that now stand side by side."""
    filled: list[Node] = []
    for node in nodes:
        node = _filled(node)
        if isinstance(node, TextNode) and filled and isinstance(filled[-1], TextNode):
            node = _text(filled.pop().s + node.s, node)
        filled.append(node)
    nodes[:] = filled


def _filled(node: Node) -> Node:
    if _is_constant(node):
        try:
            return _text(node.render(Context()), node)
        except Exception:  # an address that does not exist, say: it is an error only on a page that draws it
            return node
    if isinstance(node, URLNode) and _is_address(node):
        return _Address(node)
    if not isinstance(node, AutoEscapeControlNode):
        for name in node.child_nodelists:
            for nodes in _children(node, name):
                _fill_in(nodes)
    return node


class _Address(Node):
    """An address whose arguments are numbers, looked up once; arguments of another kind are left to the tag itself."""

    def __init__(self, tag: URLNode):
        self.tag, self.origin, self.token = tag, tag.origin, tag.token
        self.variables = [argument for argument in tag.args if not _is_literal(argument)]
        self.pieces: list[str] = []

    def render(self, context: Context) -> str:
        values = [variable.resolve(context) for variable in self.variables]
        if any(type(value) is not int or value < 0 for value in values):
            return self.tag.render(context)
        pieces = self.pieces or self._look_up(context)
        return "".join(part for pair in zip(pieces, (*map(str, values), ""), strict=True) for part in pair)

    def _look_up(self, context: Context) -> list[str]:
        places = {variable: 10**12 + n for n, variable in enumerate(self.variables)}
        arguments = [places.get(argument) or argument.resolve(context) for argument in self.tag.args]
        address = reverse(self.tag.view_name.resolve(context), args=arguments)
        pieces = []
        for place in places.values():
            piece, address = address.split(str(place))
            pieces.append(piece)
        self.pieces = [*pieces, address]
        return self.pieces


def _children(node: Node, name: str) -> list[NodeList]:
    if hasattr(node, "conditions_nodelists"):  # of {% if %}, whose own list is made anew each time it is looked at
        return [nodes for _condition, nodes in node.conditions_nodelists]
    nodes = getattr(node, name, None)
    return [nodes] if isinstance(nodes, NodeList) else []


def _is_constant(node: Node) -> bool:
    if isinstance(node, TranslateNode):
        return not node.asvar and all(map(_is_literal, filter(None, (node.filter_expression, node.message_context))))
    if isinstance(node, URLNode):
        return _is_address(node) and all(map(_is_literal, node.args))
    if isinstance(node, StaticNode):
        return not node.varname and _is_literal(node.path)
    if isinstance(node, SimpleNode) and getattr(node.func, CONSTANT, False):
        return not node.target_var and all(map(_is_literal, (*node.args, *node.kwargs.values())))
    return False


def _is_address(node: URLNode) -> bool:
    return not (node.asvar or node.kwargs) and _is_literal(node.view_name)


def _is_literal(expression) -> bool:
    return not expression.filters and getattr(expression.var, "lookups", None) is None


def _text(text: str, node: Node) -> TextNode:
    joined = TextNode(text)
    joined.origin, joined.token = node.origin, node.token
    return joined
