"""The report on mutants reads diffs and explanations as it should."""

import importlib.util
import re
import tomllib
from pathlib import Path

FOLDER = Path(__file__).parent / "mutation"
KINDS = tomllib.loads((FOLDER / "explained.toml").read_text(encoding="utf-8"))["kind"]
DIFF = """--- a.py
+++ a.py
@@ -1,3 +1,3 @@
 def f(x):
-    return x.astype(kind, copy=False)
+    return x.astype(kind, copy=True)
"""


def report():
    spec = importlib.util.spec_from_file_location("report", FOLDER / "report.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_diff_is_read_as_what_went_and_what_came():
    expected = "- return x.astype(kind, copy=False)\n+ return x.astype(kind, copy=True)"
    assert report().changed(DIFF) == expected


def test_a_copy_is_explained_and_a_sign_is_not():
    explanation = report().explanation
    assert "copies where it need not" in explanation(KINDS, report().changed(DIFF))
    assert explanation(KINDS, "- y += b\n+ y -= b") is None
    assert explanation(KINDS, "- return w @ x\n+ return x @ w") is None


def test_every_kind_has_a_reason_and_patterns_that_compile():
    for kind in KINDS:
        assert kind["why"].strip()
        assert kind["changes"]
        for pattern in kind["changes"]:
            re.compile(pattern)
