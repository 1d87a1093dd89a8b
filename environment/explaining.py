"""Say in one sentence why pip failed, and what to do next."""

import platform
import re
import tempfile

from environment.folder import Environment
from environment.machine import again

# what pip's output has, and what that means; the first that is found counts
CAUSES = (
    (
        r"No space left on device|Errno 28\]|WinError 112\]|Disk quota exceeded",
        "the disk is full (of this folder, or of the temporary folder {temporary}): the "
        "environment needs about 3 GB free, on Linux 8 GB when torch brings its GPU libraries "
        "(README.md says how to do without): make room and run `{again}` again",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError|TLSV1_ALERT",
        "the package index's certificate is not trusted on this network: set PIP_CERT to the "
        "certificate file of your proxy or institution and run `{again}` again",
    ),
    (
        r"NewConnectionError|NameResolutionError|ConnectTimeoutError|ReadTimeout|ProxyError"
        r"|name resolution|Network is unreachable|Connection (refused|reset|aborted)"
        r"|RemoteDisconnected|IncompleteRead",
        "the package index cannot be reached: connect to the network (behind a proxy, set "
        "HTTPS_PROXY) and run `{again}` again",
    ),
    (
        r"\b(4\d\d Client|5\d\d Server) Error",
        "the package index answered with an error: wait a little, or check the index in "
        "`pip config list`, and run `{again}` again",
    ),
    (
        r"DO NOT MATCH THE HASHES|BadZipFile|BadZipfile|is an invalid wheel",
        "a download arrived damaged: run `{again}` again",
    ),
    (
        r"(No matching distribution found for"
        r"|no matching distributions available for your environment:)\s+(?P<what>\S+)",
        "the package index has no {what} of the tested version for Python {python} on {machine}: "
        "use another Python, for example `make {goal} PYTHON=python3.12`, or conda (see README.md)",
    ),
    (
        r"ResolutionImpossible|conflicting dependencies",
        "pyproject.toml and constraints.txt ask for versions that exclude each other: undo your "
        "change to them, or report it with the log",
    ),
    (
        r"Permission denied|Errno 13\]|WinError 5\]|Read-only file system",
        "a file may not be written: close JupyterLab and other programs that use {folder}, make "
        "sure the folder is yours, and run `{again}` again",
    ),
)


def failure(environment: Environment, status: int, goal: str) -> str:
    """The sentence for a command that ended with this status."""
    text = environment.log.read_text("utf-8", "replace")
    reason = cause(environment, status, text, goal)
    return f"The environment could not be made: {reason}. The log is {environment.log}."


def cause(environment: Environment, status: int, text: str, goal: str) -> str:
    """What was in the way and what to do next, from pip's output."""
    for pattern, sentence in CAUSES:
        match = re.search(pattern, text)
        if match:
            return sentence.format(
                again=again(goal),
                folder=environment.folder,
                goal=goal,
                machine=f"{platform.system()} {platform.machine()}",
                python=platform.python_version(),
                temporary=tempfile.gettempdir(),
                **match.groupdict(),
            )
    if status in (-9, 137):
        return (
            "the system killed pip, most likely for want of memory: close other programs and run "
            f"`{again(goal)}` again"
        )
    errors = re.findall(r"(?m)^\s*(?:ERROR|error): (.+)$", text)
    reason = errors[-1].strip().rstrip(".") if errors else f"it ended with exit status {status}"
    return f"{reason}; run `{again(goal)}` again, and if it fails again, report it with the log"
