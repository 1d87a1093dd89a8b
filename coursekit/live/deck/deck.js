"use strict";
(() => {
  const HEIGHT = 660; // of a page, as in deck.css
  const FULL = 1.15 * HEIGHT; // what shrinks a little still counts as one page
  const SMALLEST = 0.72; // of the usual size of letters; a single part that is still too long then scrolls

  // -- before the slides start: draw formulas, share long slides out over several pages

  function drawAllFormulas() {
    // the window of the speaker shows notes without KaTeX's style
    for (const notes of document.querySelectorAll("aside.notes")) {
      drawFormulas(notes, { output: "mathml" });
    }
    drawFormulas(document.querySelector(".slides"), { ignoredClasses: ["notes"] });
  }

  // where the parts of a slide have to be cut so that each piece fits on a page
  function cuts(parts) {
    const top = part => part.getBoundingClientRect().top;
    const bottom = part => part.getBoundingClientRect().bottom;
    const found = [0];
    parts.forEach((part, index) => {
      const first = found[found.length - 1];
      if (index === first || bottom(part) - top(parts[first]) <= FULL) return;
      // a question goes along with the answer that waits below it
      const question = index - 1;
      const along =
        question > first &&
        parts[question].matches(".question") &&
        bottom(part) - top(parts[question]) <= FULL;
      found.push(along ? question : index);
    });
    return found;
  }

  function share(section) {
    const parts = [...section.querySelectorAll(".part")];
    const starts = cuts(parts);
    const seconds = Number(section.dataset.timing);
    const until = index => Math.floor((seconds * index) / parts.length);
    const heads = starts.map(start => {
      const above = parts.slice(0, start).flatMap(part => [...part.querySelectorAll("h1, h2, h3")]);
      return above.length ? above[above.length - 1].innerHTML : null;
    });
    const usual = section.querySelector(".running");
    let before = section;
    starts.forEach((start, piece) => {
      const end = starts[piece + 1] ?? parts.length;
      if (!parts.length) return;
      if (piece === 0) {
        section.dataset.timing = until(end);
        return;
      }
      const next = document.createElement("section");
      // a dot, which no cell has in its id
      next.id = `${section.id}.${piece + 1}`;
      next.dataset.timing = until(end) - until(start);
      const page = next.appendChild(document.createElement("div"));
      page.className = "page";
      const head = page.appendChild(document.createElement("p"));
      head.className = "running";
      head.innerHTML = heads[piece] ?? usual.innerHTML;
      page.append(...parts.slice(start, end));
      parts[start].classList.remove("fragment"); // the new page is what the key press shows
      before.after(next);
      before = next;
    });
  }

  const overflows = page => page.scrollHeight > page.clientHeight + 1;

  function fit(page) {
    for (let size = 1; overflows(page) && size > SMALLEST; size -= 0.04) {
      page.style.fontSize = `${Math.max(size - 0.04, SMALLEST)}em`;
    }
    if (overflows(page)) {
      page.tabIndex = 0; // so that a keyboard can scroll it
      page.setAttribute("role", "group");
      page.setAttribute("aria-label", "long slide, scrolls");
    }
  }

  // -- while they run: what a key press shows is in view

  function follow(page) {
    const shown = page.querySelectorAll(".fragment.visible");
    const last = shown[shown.length - 1];
    const bottom = last ? last.offsetTop + last.offsetHeight : 0;
    page.scrollTop = last ? Math.min(last.offsetTop, Math.max(0, bottom - page.clientHeight)) : 0;
  }

  // the arrow keys go through a long page before they leave it
  function mayMove(event) {
    const page = Reveal.getCurrentSlide()?.querySelector(".page");
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!page || !way || !overflows(page) || event.altKey || event.ctrlKey || event.metaKey) return true;
    const before = page.scrollTop;
    page.scrollTop += (way * page.clientHeight) / 3;
    if (page.scrollTop === before) return true;
    event.preventDefault();
    return false;
  }

  function arrive() {
    const page = Reveal.getCurrentSlide()?.querySelector(".page");
    if (page) follow(page);
  }

  // -- for screen readers, too, an answer comes when it is shown: reveal.js reads whole slides

  function conceal(fragments) {
    fragments.forEach(one => one.setAttribute("aria-hidden", "true"));
  }

  function disclose({ fragment, fragments }) {
    fragments.forEach(one => one.removeAttribute("aria-hidden"));
    const copy = fragment.cloneNode(true);
    copy.querySelectorAll(".katex-html, annotation, .notes").forEach(one => one.remove());
    copy.querySelectorAll("img").forEach(one => one.replaceWith(one.alt));
    document.querySelector(".aria-status").textContent = copy.textContent;
  }

  async function start() {
    drawAllFormulas();
    const look = document.documentElement.classList;
    look.add("measuring", "endless");
    const pictures = [...document.querySelectorAll(".page img")];
    await Promise.all([document.fonts.ready, ...pictures.map(one => one.decode().catch(() => {}))]);
    document.querySelectorAll(".slides > section > section").forEach(share);
    look.remove("endless");
    document.querySelectorAll(".page").forEach(fit);
    look.remove("measuring");
    conceal(document.querySelectorAll(".fragment"));
    await Reveal.initialize({
      width: 1280,
      height: 720,
      margin: 0.02,
      minScale: 0.1,
      center: false,
      hash: true,
      slideNumber: "c/t",
      transition: "none",
      backgroundTransition: "none",
      scrollActivationWidth: null, // slides on a narrow screen, too
      defaultTiming: 60,
      keyboardCondition: mayMove,
      pdfSeparateFragments: false,
      plugins: [RevealNotes],
    });
    for (const what of ["slidechanged", "fragmentshown", "fragmenthidden"]) Reveal.on(what, arrive);
    Reveal.on("fragmentshown", disclose);
    Reveal.on("fragmenthidden", event => conceal(event.fragments));
    arrive();
    document.documentElement.dataset.ready = "yes";
  }

  start();
})();
