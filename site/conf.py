"""Settings of the site that `make site` builds.

The source folder is the whole checkout, so the links between chapters, exercises and documents mean the
same here as in JupyterLab. Chapters are shown as they are stored: nothing is executed.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))  # the three extensions below

project = "coursekit"
author = "The coursekit authors"
copyright = "2026, The coursekit authors"
root_doc = "index"
include_patterns = ["index.md", "notebooks/*.ipynb", "exercises/*/*.ipynb", "docs/*.md"]
# the start page is about a running JupyterLab; hidden folders hold what others build
exclude_patterns = ["notebooks/00_start_here.ipynb", ".*", "**/.*", "build", "work", "site"]

extensions = ["myst_nb", "web_notebooks", "formulas", "web_pages"]
myst_enable_extensions = ["dollarmath", "amsmath", "html_image"]
myst_heading_anchors = 3
nb_execution_mode = "off"
nb_render_markdown_format = "myst"  # links and tables in what a cell shows as Markdown

html_theme = "pydata_sphinx_theme"
html_title = "A course on convolutional networks"
html_theme_options = {
    "logo": {"text": "Convolutional networks"},
    "navbar_center": [],
    "navbar_end": ["theme-switcher"],
    "search_bar_text": "Search the course",
    "navigation_depth": 2,
    "secondary_sidebar_items": ["page-toc", "run-it-yourself"],
    "footer_start": ["license"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_context = {"default_mode": "auto"}  # light or dark as the reader's system is
html_sidebars = {"**": ["contents"]}
templates_path = ["templates"]
html_copy_source = False
html_use_index = False
html_static_path = [
    "static",
    "../coursekit/live/deck/katex",
    "../coursekit/live/deck/formulas.js",
]
html_extra_path = ["../LICENSE", "../LICENSE-CC-BY-4.0"]
html_css_files = ["katex.min.css", "course.css"]
html_js_files = [
    (name, {"defer": "defer"})
    for name in ("katex.min.js", "auto-render.min.js", "formulas.js", "course.js")
]
