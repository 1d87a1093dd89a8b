"""From data to accuracy, a learner reads at most 400 lines."""

import ast
import io
import tokenize
from pathlib import Path

import coursekit.training

PATH = (
    "recipe",  # what was chosen
    "augment",  # how images are changed
    "batches",  # images on the device, batch by batch
    "whitening",  # the first layer
    "loop",  # forward, loss, backward, step
    "optimizers",  # the update
    "averaging",  # of the weights
    "evaluation",  # the accuracy
)
MOST = 400
LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def lines_of_code(source):
    """Return the lines that hold code: no comments, docstrings, imports and blank lines."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    found = {
        line
        for token in tokens
        if token.type not in LAYOUT
        for line in range(token.start[0], token.end[0] + 1)
    }
    for node in ast.walk(ast.parse(source)):
        aside = isinstance(node, ast.Import | ast.ImportFrom) or (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        )
        if aside:
            found -= set(range(node.lineno, node.end_lineno + 1))
    return len(found)


def test_the_counter_counts_code_only():
    source = (
        '"""Doc."""\n\nimport os\nfrom a import (\n    b,\n)\n\n# why\nx = [\n    1,\n]\n'
        '\n\ndef f():\n    """Doc."""\n    return x  # it\n'
    )
    assert lines_of_code(source) == 5


def test_the_path_from_data_to_accuracy_is_short_enough_to_read():
    folder = Path(coursekit.training.__file__).parent
    lines = {name: lines_of_code((folder / f"{name}.py").read_text("utf-8")) for name in PATH}
    assert sum(lines.values()) <= MOST, lines
