"""Sentences become HTML."""

from coursekit.doctor import Diagnosis, Row
from coursekit.markup import with_code


def test_backquotes_become_code_and_the_rest_is_escaped():
    assert with_code("run `a < b` & stop") == "run <code>a &lt; b</code> &amp; stop"
    assert with_code("nothing to set") == "nothing to set"


def test_the_doctors_advice_is_set_so():
    page = Diagnosis((Row("pip", "none", "bad", "run `make lab`"),))._repr_html_()
    assert "run <code>make lab</code>" in page
    assert "`" not in page
