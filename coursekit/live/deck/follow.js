"use strict";
(() => {
  const main = document.querySelector("main");
  const state = document.querySelector("#state");
  const follow = document.querySelector("#follow");
  const articles = new Map([...main.children].map((one) => [one.dataset.cell, one]));

  // -- a cell

  function dress(article) {
    drawFormulas(article);
    const code = article.querySelector("pre.code");
    if (!code || !code.textContent.trim()) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", () => copy(code, button));
    code.before(button);
  }

  async function copy(code, button) {
    // a page that came over plain HTTP has no clipboard, but may copy what is selected
    let done = false;
    if (navigator.clipboard) {
      done = await navigator.clipboard.writeText(code.textContent).then(() => true, () => false);
    }
    if (!done) {
      const selection = getSelection();
      selection.selectAllChildren(code);
      done = document.execCommand("copy");
      if (done) selection.removeAllRanges();
    }
    button.textContent = done ? "Copied" : "Press Ctrl+C";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  }

  // -- what the lecturer did

  function apply({ cells, html, latest }) {
    const wanted = new Set(cells);
    for (const [name, article] of articles) {
      if (wanted.has(name)) continue;
      article.remove();
      articles.delete(name);
    }
    let place = main.firstElementChild;
    for (const name of cells) {
      let article = articles.get(name);
      if (!article) {
        article = document.createElement("article");
        article.dataset.cell = name;
        articles.set(name, article);
      }
      if (article === place) place = place.nextElementSibling;
      else main.insertBefore(article, place);
      if (html[name] !== undefined) {
        article.innerHTML = html[name];
        dress(article);
      }
    }
    mark(latest);
  }

  function mark(latest) {
    for (const [name, article] of articles) article.classList.toggle("latest", name === latest);
    goThere();
  }

  function goThere() {
    const latest = main.querySelector(".latest");
    if (!latest || follow.getAttribute("aria-pressed") !== "true") return;
    const tall = latest.getBoundingClientRect().height > 0.7 * innerHeight;
    latest.scrollIntoView({ block: tall ? "end" : "center" });
  }

  // a picture takes its place when it has come, and moves what stands below
  main.addEventListener("load", goThere, true);

  // -- who scrolls away reads something else; a click on the button leads back

  function setFollowing(on) {
    follow.setAttribute("aria-pressed", String(on));
    goThere();
  }
  follow.addEventListener("click", () => setFollowing(follow.getAttribute("aria-pressed") !== "true"));
  for (const kind of ["wheel", "touchmove"]) {
    addEventListener(kind, () => setFollowing(false), { passive: true });
  }
  addEventListener("keydown", (event) => {
    if (["PageUp", "PageDown", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) setFollowing(false);
  });

  for (const article of articles.values()) dress(article);
  mark(document.body.dataset.latest);
  const source = new EventSource(`changes?version=${document.body.dataset.version}`);
  source.addEventListener("open", () => (state.textContent = "Read-only, as the lecturer's copy stands now."));
  source.addEventListener("error", () => (state.textContent = "No connection to the lecturer; trying again."));
  source.addEventListener("message", (event) => apply(JSON.parse(event.data)));
})();
