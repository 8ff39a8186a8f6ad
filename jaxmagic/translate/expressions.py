"""Expressions of the user as expressions that can be traced.

NumPy becomes ``jax.numpy``; Python's built-in functions and ``math`` become those that also take
traced values; ``if``, ``and``, ``or``, ``not`` and chained comparisons become calls or operators
that do not ask for a truth value.
"""

import ast
import types
from typing import Any

from jaxmagic.source import copied, definition_of, underlying
from jaxmagic.translate import python
from jaxmagic.translate.arrays import is_whole
from jaxmagic.translate.libraries import (
    IN_JAX,
    NOT_FUNCTIONAL,
    PURE_METHODS,
    PYTHON_TYPES,
    REFUSED_BUILTINS,
    REFUSED_MODULES,
    in_jax,
)
from jaxmagic.translate.liveness import parameters, stored
from jaxmagic.translate.nodes import at, call, later, load
from jaxmagic.translate.result import TranslationError
from jaxmagic.translate.scope import MISSING, Program, value_of


class Expressions(ast.NodeTransformer):
    """Rewrites the expressions of one function.

    Raises:
        TranslationError: an expression can't be translated.
    """

    def __init__(
        self, program: Program, function: types.FunctionType, local: frozenset[str]
    ) -> None:
        self._program = program
        self._function = function
        self._local = local
        self.whole: frozenset[str] = frozenset()
        names = function.__code__.co_varnames[: function.__code__.co_argcount]
        given = dict(zip(reversed(names), reversed(function.__defaults__ or ()), strict=False))
        given |= function.__kwdefaults__ or {}
        self._floats = {name for name, value in given.items() if isinstance(value, float)}

    def of(self, node: ast.expr) -> ast.expr:
        """``node`` rewritten; the original stays as it is."""
        made: ast.expr = self.visit(copied(node))
        return made

    def value(self, node: ast.expr) -> Any:
        """What a name or a dotted name stands for outside of the function; else MISSING."""
        if isinstance(node, ast.Name):
            if node.id in self._local:
                return MISSING
            return value_of(self._function, node.id)
        if isinstance(node, ast.Attribute):
            inner = self.value(node.value)
            if isinstance(inner, types.ModuleType):
                return getattr(inner, node.attr, MISSING)
        return MISSING

    def may_return_argument(self, called: ast.expr) -> bool:
        """Whether calling this may give back one of its arguments, and not something new."""
        own = underlying(self.value(called))
        if own is None:
            return isinstance(called, ast.Name) and self.value(called) is MISSING
        definition = definition_of(own)
        if isinstance(definition, ast.Lambda):
            return not isinstance(definition.body, ast.BinOp | ast.UnaryOp | ast.Compare)
        return any(
            not isinstance(node.value, ast.BinOp | ast.UnaryOp | ast.Compare | ast.Constant)
            for node in ast.walk(definition)
            if isinstance(node, ast.Return)
        )

    # ------------------------------------------------------------ names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A name: a variable stays; what is global becomes what can be traced."""
        if not isinstance(node.ctx, ast.Load) or node.id in self._local:
            return node
        return self._global(node, self.value(node))

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """An attribute: of a module, maybe that of another one."""
        found = self.value(node)
        if found is not MISSING:
            return self._global(node, found)
        if isinstance(self.value(node.value), types.ModuleType):
            name = f"{ast.unparse(node.value)}.{node.attr}"
            raise TranslationError(node.lineno, f"there is no {name}")
        self.generic_visit(node)
        return node

    def _global(self, node: ast.Name | ast.Attribute, value: Any) -> ast.expr:  # noqa: C901, PLR0911, PLR0912  a table of cases
        line = node.lineno
        shown = ast.unparse(node)
        if value is MISSING:
            return node
        if isinstance(value, types.ModuleType):
            self._refuse_module(value.__name__, line)
            return self._module(node, value)
        own = underlying(value)
        if own is not None:
            return _named(self._program.function(own, line), node)
        module = getattr(value, "__module__", None) or ""
        if isinstance(module, str):
            self._refuse_module(module, line)
        if any(
            type(thing).__module__.split(".")[:2] in (["random"], ["numpy", "random"])
            for thing in (value, getattr(value, "__self__", None))
        ):
            raise TranslationError(line, REFUSED_MODULES["numpy.random"])
        name = getattr(value, "__name__", None)
        if isinstance(value, types.BuiltinFunctionType | type) and module == "builtins":
            if name in REFUSED_BUILTINS:
                raise TranslationError(line, REFUSED_BUILTINS[name])
            if getattr(node, "is_called", False) and name in python.BUILTINS:
                other = python.BUILTINS[name]
                return _named(self._program.imported("jaxmagic.translate.python", other), node)
            return node
        if module == "math" or self._is_of_module(node, "math"):
            return self._of_math(node, value)
        if module == "numpy" and name in PYTHON_TYPES:  # as wide as JAX computes here
            return self._type(node, PYTHON_TYPES[name])
        path = in_jax(value)
        if path is not None:
            return self._path(node, path)
        if isinstance(name, str) and module.split(".")[0] == "numpy":
            raise TranslationError(line, f"{shown} has no counterpart in jax.numpy")
        if self._is_of_module(node, "numpy"):  # a constant: np.pi
            return self._path(node, f"jax.numpy.{shown.rpartition('.')[2]}")
        if type(value).__module__ == "numpy" and type(value).__name__ == "ndarray":
            call = ast.Call(ast.Attribute(self._jnp(node), "asarray", ast.Load()), [node], [])
            return at(call, node)
        return node

    def _type(self, node: ast.Name | ast.Attribute, name: str) -> ast.expr:
        """One of Python's types of numbers; called, it converts."""
        if getattr(node, "is_called", False):
            name = self._program.imported("jaxmagic.translate.python", python.BUILTINS[name])
        return _named(name, node)

    def _refuse_module(self, name: str, line: int) -> None:
        for refused, reason in REFUSED_MODULES.items():
            if name == refused or name.startswith(f"{refused}."):
                raise TranslationError(line, reason)

    def _is_of_module(self, node: ast.expr, name: str) -> bool:
        if not isinstance(node, ast.Attribute):
            return False
        return getattr(self.value(node.value), "__name__", None) == name

    def _jnp(self, node: ast.AST) -> ast.expr:
        return at(ast.Name(self._program.imported("jax.numpy"), ast.Load()), node)

    def _module(self, node: ast.expr, value: types.ModuleType) -> ast.expr:
        if value.__name__ in IN_JAX:
            return self._path(node, IN_JAX[value.__name__])
        if value.__name__ == "math":
            return _named(self._program.imported("jaxmagic.translate.python", "math"), node)
        return node

    def _of_math(self, node: ast.Name | ast.Attribute, value: Any) -> ast.expr:
        name = node.attr if isinstance(node, ast.Attribute) else getattr(value, "__name__", "")
        if name not in python.MATH:
            raise TranslationError(node.lineno, f"math.{name} has no counterpart in JAX")
        module = self._program.imported("jaxmagic.translate.python", "math")
        return at(ast.Attribute(ast.Name(module, ast.Load()), name, ast.Load()), node)

    def _path(self, node: ast.expr, path: str) -> ast.expr:
        """The expression for something of JAX, by its full path."""
        if path.startswith("jax.numpy"):
            made, rest = self._jnp(node), path.removeprefix("jax.numpy")
        else:
            home, _, rest = path.rpartition(".")
            if path in IN_JAX.values():
                home, rest = path, ""
            made = at(ast.Name(self._program.imported(home), ast.Load()), node)
        for part in rest.split("."):
            if part in NOT_FUNCTIONAL:
                raise TranslationError(node.lineno, f"np.{part} changes an array in place")
            if part:
                made = at(ast.Attribute(made, part, ast.Load()), node)
        return made

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """An element or a part of an array."""
        alone = getattr(node, "only_number", False)
        self.generic_visit(node)
        if not alone:
            return node
        return call(self._program.imported("jaxmagic.translate.python", "number"), [node], node)

    # ------------------------------------------------------------ calls and conditions

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """A call; a method must be known not to change its object."""
        function = node.func
        is_module = isinstance(function, ast.Attribute) and isinstance(
            self.value(function.value), types.ModuleType
        )
        if isinstance(function, ast.Attribute) and not is_module:
            method = function.attr
            if method not in PURE_METHODS:
                what = f".{method}() may change its object or draw a random number"
                raise TranslationError(node.lineno, what)
        for keyword in node.keywords:
            text = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
            if keyword.arg == "dtype" and text in PYTHON_TYPES:
                keyword.value = _named(PYTHON_TYPES[text], keyword.value)
            if keyword.arg == "out":
                raise TranslationError(node.lineno, "out= changes an array in place")
        function.is_called = True  # type: ignore[attr-defined]
        self.generic_visit(node)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        """``a if c else b``."""
        test, one, other = (self.visit(n) for n in (node.test, node.body, node.orelse))
        return self.choice(test, one, other, node)

    def choice(self, test: ast.expr, one: ast.expr, other: ast.expr, where: ast.AST) -> ast.expr:
        """``cond(test, lambda: one, lambda: other)``."""
        name = self._program.imported("jaxmagic.translate.loops", "cond")
        return call(name, [test, later(one), later(other)], where)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        """``and`` and ``or``: operators between comparisons, else calls that stop early."""
        plain = all(map(_is_comparison, node.values)) and all(map(_is_safe, node.values))
        values: list[ast.expr] = [self.visit(value) for value in node.values]
        conjunction = isinstance(node.op, ast.And)
        if plain:
            made = values[0]
            for value in values[1:]:
                op = ast.BitAnd() if conjunction else ast.BitOr()
                made = at(ast.BinOp(made, op, value), node)
            return made
        name = self._program.imported(
            "jaxmagic.translate.loops", "both" if conjunction else "either"
        )
        made = values[-1]
        for value in reversed(values[:-1]):
            made = call(name, [value, later(made)], node)
        return made

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        """``not``; the other operators can be traced as they are."""
        self.generic_visit(node)
        if not isinstance(node.op, ast.Not):
            return node
        name = self._program.imported("jaxmagic.translate.loops", "negated")
        return call(name, [node.operand], node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """``a ** b``: of integers, a negative power is a fraction in Python."""
        exponent = node.right
        plain = not isinstance(node.op, ast.Pow) or any(
            isinstance(part, ast.Constant) for part in (exponent, getattr(exponent, "operand", 0))
        )
        name = "int_power" if is_whole(exponent, self.whole) else "power"
        floats = self._is_float(node.left) or self._is_float(exponent)
        self.generic_visit(node)
        if plain or floats:
            return node
        return call(
            self._program.imported("jaxmagic.translate.python", name),
            [node.left, node.right],
            node,
        )

    def _is_float(self, value: ast.expr) -> bool:
        """Whether ``value`` is known to be a float: by a constant, a default or a global."""
        if isinstance(value, ast.BinOp):
            sides = (self._is_float(value.left), self._is_float(value.right))
            return isinstance(value.op, ast.Div) or any(sides)
        if isinstance(value, ast.UnaryOp):
            return self._is_float(value.operand)
        if isinstance(value, ast.Name):
            value_of_it = self.value(value) if value.id not in self._local else None
            return isinstance(value_of_it, float) or value.id in self._floats
        return isinstance(value, ast.Constant) and isinstance(value.value, float | complex)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """A comparison; ``a < b < c`` is two of them."""
        self.generic_visit(node)
        if len(node.ops) == 1:
            return node
        sides = [node.left, *node.comparators]
        made: ast.expr | None = None
        for left, op, right in zip(sides, node.ops, sides[1:], strict=False):
            one = at(ast.Compare(copied(left), [op], [copied(right)]), node)
            made = one if made is None else at(ast.BinOp(made, ast.BitAnd(), one), node)
        assert made is not None  # noqa: S101  there are at least two
        return made

    # ------------------------------------------------------------ names of their own

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        """A function: its parameters are its own."""
        return self._within(node, parameters(node.args))

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        """A comprehension: its variables are its own."""
        return self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.expr:
        """As a list comprehension."""
        return self._comprehension(node)

    def visit_SetComp(self, node: ast.SetComp) -> ast.expr:
        """As a list comprehension."""
        return self._comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.expr:
        """As a list comprehension."""
        return self._comprehension(node)

    def _comprehension(
        self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp
    ) -> ast.expr:
        return self._within(node, frozenset(n for g in node.generators for n in stored(g.target)))

    def _within(self, node: ast.expr, names: frozenset[str]) -> ast.expr:
        outer, self._local = self._local, self._local | names
        try:
            self.generic_visit(node)
        finally:
            self._local = outer
        return node


def _is_comparison(node: ast.expr) -> bool:
    if isinstance(node, ast.BoolOp):
        return all(map(_is_comparison, node.values))
    return isinstance(node, ast.Compare)


def _is_safe(node: ast.expr) -> bool:
    """Whether evaluating ``node`` is fine even where Python would not have."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Compare) and any(
            isinstance(op, ast.Is | ast.IsNot | ast.In | ast.NotIn) for op in inner.ops
        ):
            return False
        if isinstance(inner, ast.BinOp) and isinstance(
            inner.op, ast.Div | ast.FloorDiv | ast.Mod | ast.Pow
        ):
            divisor = inner.right
            if not (isinstance(divisor, ast.Constant) and divisor.value):
                return False
        if isinstance(inner, ast.Call | ast.IfExp | ast.Attribute):
            return False
    return True


def _named(name: str, where: ast.AST) -> ast.expr:
    return at(load(name), where)
