"""A front end for tests: a notebook of cells and a kernel, with the messages that JupyterLab sends."""

import os
import queue
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_client.manager import KernelManager
from nbformat import NotebookNode
from nbformat.v4 import output_from_msg

from coursekit.kernels import private_sockets

_LONGEST_SECONDS = 120


@dataclass
class Room:
    """A notebook in front of people.

    Args:
        client: of the kernel.
        cells: source by id.
        says_cell: whether the front end tells the kernel which cell it runs, as JupyterLab does.
    """

    client: object
    manager: object
    cells: dict[str, str] = field(default_factory=dict)
    says_cell: bool = True

    def open(self, notebook: NotebookNode) -> None:
        """Show the cells of a notebook."""
        self.cells = {cell.id: cell.source for cell in notebook.cells if cell.cell_type == "code"}

    def type(self, cell: str, text: str) -> None:
        """Replace what stands in a cell."""
        self.cells[cell] = text

    def run(self, cell: str, text: str | None = None) -> list[NotebookNode]:
        """Run a cell in place, with something typed into it before if given, and return its outputs."""
        if text is not None:
            self.cells[cell] = text
        message = self.client.session.msg(
            "execute_request",
            {
                "code": self.cells[cell],
                "silent": False,
                "store_history": True,
                "user_expressions": {},
                "allow_stdin": False,
                "stop_on_error": True,
            },
            metadata={"cellId": cell, "deletedCells": []} if self.says_cell else {},
        )
        self.client.shell_channel.send(message)
        outputs = self._outputs(message["header"]["msg_id"])
        for payload in self._reply(message["header"]["msg_id"])["content"].get("payload", []):
            if payload["source"] == "set_next_input" and payload["replace"]:
                self.cells[cell] = payload["text"]
        return outputs

    def restart(self) -> None:
        """Restart the kernel."""
        self.manager.restart_kernel(now=True)
        self.client.wait_for_ready(timeout=_LONGEST_SECONDS)

    def _outputs(self, asked: str) -> list[NotebookNode]:
        outputs: list[NotebookNode] = []
        shown: dict[str, int] = {}
        end = time.monotonic() + _LONGEST_SECONDS
        while time.monotonic() < end:
            try:
                message = self.client.get_iopub_msg(timeout=1)
            except queue.Empty:
                continue
            if message["parent_header"].get("msg_id") != asked:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                return outputs
            name = content.get("transient", {}).get("display_id")
            if kind == "update_display_data":
                outputs[shown[name]]["data"] = content["data"]
            elif kind in {"stream", "display_data", "execute_result", "error"}:
                if name:
                    shown[name] = len(outputs)
                last = outputs[-1] if outputs else None
                if kind == "stream" and last and last.get("name") == content["name"]:
                    last["text"] += content["text"]  # where a kernel cuts depends on timing
                else:
                    outputs.append(output_from_msg(message))
        raise TimeoutError("the kernel did not come to an end")

    def _reply(self, asked: str) -> dict:
        while True:
            reply = self.client.get_shell_msg(timeout=_LONGEST_SECONDS)
            if reply["parent_header"].get("msg_id") == asked:
                return reply


@contextmanager
def room(folder: Path, name: str = "", says_cell: bool = True) -> Iterator[Room]:
    """Open a kernel in a folder.

    Args:
        folder: where it runs.
        name: path of the notebook, as Jupyter tells the kernel.
        says_cell: as in :class:`Room`.
    """
    with private_sockets() as sockets:
        manager = KernelManager(kernel_name="python3", **sockets)
        manager.start_kernel(cwd=str(folder), env={**os.environ, "JPY_SESSION_NAME": name})
        client = manager.client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=_LONGEST_SECONDS)
            yield Room(client, manager, says_cell=says_cell)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


def text_of(outputs: list[NotebookNode]) -> str:
    """Return what outputs say, as text."""
    parts = [one.get("text") or one.get("data", {}).get("text/plain") or "" for one in outputs]
    parts += [
        f"{one['ename']}: {one['evalue']}" for one in outputs if one["output_type"] == "error"
    ]
    return "\n".join(part.strip() for part in parts)
