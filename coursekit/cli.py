"""The command line: a thin command for each thing a person does with the course."""

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def root() -> None:
    """A course on convolutional networks."""


def main() -> None:
    """Run the command line."""
    app()
