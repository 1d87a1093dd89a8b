"use strict";
// The page of a search says in which sentence a word stands, for which it reads the pages that it found.
// A browser allows that to a server's pages, not to files.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// Draws the formulas: of the text, which Sphinx has put between brackets, and of what cells show.
document.addEventListener("DOMContentLoaded", () => {
  // no line may begin with the comma after a formula: where both stand in one element, drawFormulas keeps them together
  for (const formula of document.querySelectorAll("span.formula")) {
    const after = formula.nextSibling;
    const mark = after?.nodeType === Node.TEXT_NODE && /^[.,;:?)]+/.exec(after.data);
    if (!mark) continue;
    formula.append(mark[0]);
    after.data = after.data.slice(mark[0].length);
  }
  for (const shown of document.querySelectorAll(".cell_output .text_html")) drawFormulas(shown);
  drawFormulas(document.body, {
    delimiters: [
      { left: "\\[", right: "\\]", display: true },
      { left: "\\(", right: "\\)", display: false },
    ],
  });
  // what scrolls must be reachable by keyboard; the theme does the same for code and tables
  const reach = () => {
    for (const formula of document.querySelectorAll(".katex-display")) {
      if (formula.scrollWidth > formula.clientWidth) formula.tabIndex = 0;
      else formula.removeAttribute("tabindex");
    }
  };
  reach();
  window.addEventListener("resize", reach);
  document.documentElement.dataset.formulas = "drawn";
});
