"""The source code of the running model, with each line linked to the tensors it computes.

Everything comes from the imported modules: text from `inspect`, links from the syntax tree, shapes from tracing one
forward pass. When the model's source changes, the listing changes with it.
"""

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterable
from functools import cache, partial
from types import CodeType, FrameType
from typing import Any, NamedTuple

import torch
from pygments.lexers.python import PythonLexer
from pygments.token import STANDARD_TYPES

from ..model.config import IMAGE_SIZE
from ..model.grid import MAIN, at_level
from ..model.quantizer import VectorQuantizer
from ..model.vqvae import VQVAE
from .detail import Line, Listing, Substitute
from .substitutions import SUBSTITUTIONS, Substitution

STAGES = (
    "input",
    "features",
    "feature_vectors",
    "embeddings",
    "distances",
    "indices",
    "quantized_vectors",
    "quantized",
    "reconstruction",
)
LOSSES = ("reconstruction_loss", "codebook_loss", "commitment_loss", "total_loss")


def listings(model: VQVAE) -> dict[str, list[Listing]]:
    """The listings shown on the page of each level, by its id, with the shapes of a forward pass of this model.

    Those of the main level begin with its quantizer, and are followed by networks and loss; the others are quantizers.
    """
    input = torch.zeros(1, 1, IMAGE_SIZE, IMAGE_SIZE)
    found: dict[str, list[Listing]] = {}
    encoders: list[Listing] = []
    known: list[torch.Tensor] = []
    with torch.no_grad():
        for id, _, encoder, quantizer in model.levels:
            encode = partial(encoder, input, *known)
            quantize = partial(quantizer, encode())
            found[id] = [listing("quantizer", "Vector quantizer", with_helpers(VectorQuantizer.forward), quantize)]
            title = f"{id.capitalize()} encoder" if id else "Encoder"
            encoders.append(listing(at_level("encoder", id), title, forwards(encoder), encode))
            known.append(quantize().quantized.permute(0, 3, 1, 2))
        found[MAIN] += [
            *reversed(encoders),
            listing("decoder", "Decoder", forwards(model.decoder), partial(model.decoder, *known)),
            listing(
                "loss", "Loss", [type(model).losses, type(model).forward, type(model).decode], partial(model, input)
            ),
        ]
    return found


def listing(id: str, title: str, functions: list[Callable[..., Any]], run: Callable[[], Any]) -> Listing:
    """The listing of some functions, with the shapes that they have when they `run`."""
    shapes = trace_shapes(run, functions)
    file = file_of(functions[0])
    lines = [line for f in functions for line in lines_of(f, shapes, file)]
    return Listing(
        id=id,
        title=title,
        file=file,
        lines=lines,
        substitutes=[substitute for f in functions for substitute in substitutes(f, shapes)],
    )


def forwards(network: torch.nn.Module) -> list[Callable[..., Any]]:
    classes = dict.fromkeys(type(part) for part in network.modules())
    return [kind.forward for kind in classes if kind.__module__.startswith(__package__.partition(".")[0])]


def with_helpers(function: Callable[..., Any]) -> list[Callable[..., Any]]:
    """A function and the functions of the same module that it calls, in call order."""
    module = inspect.getmodule(function)
    names = [
        node.func.id
        for node in ast.walk(source_of(function).definition)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    candidates = (getattr(module, name, None) for name in dict.fromkeys(names))
    return [function, *(c for c in candidates if inspect.isfunction(c) and inspect.getmodule(c) is module)]


class Source(NamedTuple):
    first: int  # line number in the file, from 1
    tokens: list[list[tuple[str, str]]]  # of each line
    definition: ast.FunctionDef  # with the line numbers of the file


@cache  # most functions are those of every model
def source_of(function: Callable[..., Any]) -> Source:
    lines, first = inspect.getsourcelines(function)
    text = textwrap.dedent("".join(lines))
    tree = ast.parse(text)
    ast.increment_lineno(tree, first - 1)
    (definition,) = tree.body
    if not isinstance(definition, ast.FunctionDef):
        raise TypeError(f"{function!r} is not a plain function")
    return Source(first, highlight(text), definition)


class Assignment(NamedTuple):
    name: str
    first: int
    last: int


def assignments(function: Callable[..., Any]) -> list[Assignment]:
    definition = source_of(function).definition
    found = [Assignment(parameter.arg, parameter.lineno, parameter.lineno) for parameter in definition.args.args]
    for node in ast.walk(definition):
        if isinstance(node, ast.Assign):
            targets: Iterable[ast.expr] = node.targets
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            targets = (node.target,)
        else:
            continue
        names = [t.id for t in targets if isinstance(t, ast.Name)]
        found += [Assignment(name, node.lineno, node.end_lineno or node.lineno) for name in names]
    return sorted(found, key=lambda assignment: assignment.first)


def lines_of(function: Callable[..., Any], shapes: dict[tuple[CodeType, int], list[int]], file: str) -> list[Line]:
    """The lines of a function in the listing of a file."""
    first, tokens_of_lines, definition = source_of(function)
    skipped: range | tuple[()] = ()
    if ast.get_docstring(definition) is not None:
        docstring = definition.body[0]
        skipped = range(docstring.lineno, (docstring.end_lineno or docstring.lineno) + 1)
    made = assignments(function)
    replaced = replacements(function)
    other_file = file_of(function) if file_of(function) != file else None
    lines = []
    for number, tokens in enumerate(tokens_of_lines, start=first):
        if number in skipped:
            continue
        here = [a for a in made if a.first <= number <= a.last]
        stages = [a.name for a in here if a.name in STAGES or a.name in LOSSES]
        shape = shapes.get((code_of(function), number))
        skipped_in = [
            substitution.what_if
            for substitution, statement in replaced
            if substitution.skips and statement.lineno <= number <= (statement.end_lineno or 0)
        ]
        lines.append(
            Line(number=number, tokens=tokens, stages=stages, shape=shape, file=other_file, skipped_in=skipped_in)
        )
    return lines


def replacements(function: Callable[..., Any]) -> list[tuple[Substitution, ast.stmt]]:
    """The substitutions in a function of the model, each with the statement it is about.

    A statement that is not in the source any more has no substitution.
    """
    body = source_of(function).definition.body
    found = []
    for substitution in SUBSTITUTIONS:
        if substitution.function is function:
            found += [(substitution, statement) for statement in body if substitution.matches(statement)][:1]
    return found


def substitutes(function: Callable[..., Any], shapes: dict[tuple[CodeType, int], list[int]]) -> list[Substitute]:
    found = []
    for substitution, statement in replacements(function):
        after = statement.end_lineno or statement.lineno
        body = source_of(substitution.instead).definition.body
        statements = [s for s in body if not isinstance(s, ast.Return)]
        numbers = range(statements[0].lineno, (statements[-1].end_lineno or 0) + 1)
        file = file_of(substitution.instead)
        lines = [line for line in lines_of(substitution.instead, {}, file) if line.number in numbers]
        # It takes the place of a tensor of the same shape.
        lines[-1].shape = shapes.get((code_of(function), after))
        found.append(Substitute(what_if=substitution.what_if, after=after, file=file, lines=lines))
    return found


def highlight(source: str) -> list[list[tuple[str, str]]]:
    lines: list[list[tuple[str, str]]] = [[]]
    for kind, text in PythonLexer(stripnl=False).get_tokens(source):
        for part in text.splitlines(keepends=True):
            if part.rstrip("\n"):
                lines[-1].append((STANDARD_TYPES.get(kind, ""), part.rstrip("\n")))
            if part.endswith("\n"):
                lines.append([])
    return lines[: len(source.splitlines())]


def code_of(function: Callable[..., Any]) -> CodeType:
    return inspect.unwrap(function).__code__  # type: ignore[no-any-return]


def file_of(function: Callable[..., Any]) -> str:
    return f"{function.__module__.replace('.', '/')}.py"


def trace_shapes(run: Callable[[], Any], functions: list[Callable[..., Any]]) -> dict[tuple[CodeType, int], list[int]]:
    """Run a part of a model and record the shape of each tensor that the functions assign.

    Returns:
        (code of the function, last line of the assignment) → shape without the batch. The quantizer's matrices have
        the rows of all drawings on one axis; with a batch of one that is the shape for one drawing.
    """
    assigned = {code_of(f): assignments(f) for f in functions}
    shapes: dict[tuple[CodeType, int], list[int]] = {}

    def record(frame: FrameType, event: str, value: object) -> Any:
        if frame.f_code not in assigned:
            return None
        if event == "call":
            return record
        if event == "return" and isinstance(value, torch.Tensor):
            shapes[frame.f_code, frame.f_lineno] = without_batch(value)
        done = sys.maxsize if event == "return" else frame.f_lineno
        for assignment in assigned[frame.f_code]:
            bound = frame.f_locals.get(assignment.name)
            at = (frame.f_code, assignment.last)
            # At a line event, all statements on earlier lines are done. A name can be assigned several times: the first
            # value seen after a statement is the value it assigned.
            if isinstance(bound, torch.Tensor) and assignment.last < done and at not in shapes:
                shapes[at] = without_batch(bound)
        return record

    before = sys.gettrace()
    sys.settrace(record)
    try:
        run()
    finally:
        sys.settrace(before)
    return shapes


def without_batch(tensor: torch.Tensor) -> list[int]:
    # Matrices (rows × columns) have no batch axis.
    return list(tensor.shape if tensor.ndim == 2 else tensor.shape[1:])
