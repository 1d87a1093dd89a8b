"""Kernels of the course's own cannot lose their ports to another program."""

import tempfile
from pathlib import Path

from nbformat.v4 import new_code_cell, new_notebook

from coursekit.execution import execute_all
from coursekit.kernels import private_sockets
from coursekit.notebooks import read, write

TRANSPORT = """
import json
from ipykernel.connect import get_connection_info
print(json.loads(get_connection_info())["transport"])
"""


def test_a_notebook_runs_without_ports_and_leaves_nothing_behind(tmp_path, monkeypatch):
    with tempfile.TemporaryDirectory(prefix="t-") as temporary:  # pytest's have long names
        monkeypatch.setattr(tempfile, "tempdir", temporary)
        path = tmp_path / "one.ipynb"
        write(new_notebook(cells=[new_code_cell(TRANSPORT)]), path)
        list(execute_all([path]))
        assert read(path).cells[0].outputs[0].text == "ipc\n"
        assert not list(Path(temporary).iterdir())


def test_two_kernels_have_their_own_sockets():
    with private_sockets() as one, private_sockets() as other:
        assert one["ip"] != other["ip"]


def test_a_folder_whose_name_is_too_long_for_a_socket_gets_ports(tmp_path, monkeypatch):
    deep = tmp_path.joinpath("d" * 100)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    with private_sockets() as sockets:
        assert sockets == {}
