"use strict";
// Draws the formulas in a place, as KaTeX does; how adds to its options.
function drawFormulas(place, how = {}) {
  renderMathInElement(place, {
    delimiters: [
      { left: "$$", right: "$$", display: true },
      { left: "\\begin{align}", right: "\\end{align}", display: true },
      { left: "\\begin{equation}", right: "\\end{equation}", display: true },
      { left: "\\[", right: "\\]", display: true },
      { left: "$", right: "$", display: false },
      { left: "\\(", right: "\\)", display: false },
    ],
    ignoredTags: ["script", "noscript", "style", "textarea", "pre", "code", "option"],
    throwOnError: false,
    ...how,
  });
  // no line may begin with the comma that follows a formula
  for (const drawn of place.querySelectorAll(".katex")) {
    const formula = drawn.parentElement;
    const after = formula.nextSibling;
    const mark = after?.nodeType === Node.TEXT_NODE && /^[.,;:?)]+/.exec(after.data);
    if (!mark || drawn.closest(".katex-display")) continue;
    const together = document.createElement("span");
    together.className = "together";
    formula.before(together);
    together.append(formula, mark[0]);
    after.data = after.data.slice(mark[0].length);
  }
}
