"""Nobody waits for torch who does not train."""

import subprocess
import sys


def test_the_package_and_its_data_come_without_torch():
    code = "import sys, coursekit, coursekit.data, coursekit.cli; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
