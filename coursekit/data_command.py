"""`coursekit data`: get, import, pack and list sets of images that the course does not ship."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Get larger sets of images, or see which are here.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="fashion-mnist or cifar10.")]


@app.command()
def get(name: Name) -> None:
    """Download a set; interrupted, the same command goes on."""
    from coursekit.data import obtain

    print(obtain.get(obtain.data_set(name)))


@app.command(name="import")
def import_(
    name: Name,
    path: Annotated[
        Path, typer.Argument(help="Folder or archive with the files, as published or packed.")
    ],
) -> None:
    """Take a set from files that you have."""
    from coursekit.data import obtain

    print(obtain.import_(obtain.data_set(name), path))


@app.command()
def pack(
    name: Name,
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="Where to write it.")],
) -> None:
    """Write a set as files below 50 MB each, for a machine that takes only small transfers."""
    from coursekit.data import obtain
    from coursekit.data.pack import pack as write

    print(write(obtain.data_set(name), to))


@app.command(name="list")
def list_() -> None:
    """Say which sets are here, what they take, and their licenses."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from coursekit.data import obtain
    from coursekit.data.store import cache

    table = Table("Set", "State", "Size", "License", box=None)
    rows = obtain.overview()
    for row in rows:
        table.add_row(*(Text(cell) for cell in (row.name, row.state, row.size, row.license)))
    Console().print(table)
    print(f"Folder: {cache()}")
    if any(not row.here for row in rows):
        print("`coursekit data get NAME` fetches what is not here, or goes on with it.")
