"use strict";
// Comfort only: without this script the report still shows, folds, filters and links everything.
(() => {
  const $ = (id) => document.getElementById(id);
  const tiles = $("tiles"), sort = $("sort");
  if (tiles && sort) {
    const byScore = [...tiles.children];
    const byPage = [...byScore].sort((a, b) => a.dataset.page - b.dataset.page);
    const title = document.querySelector(".listhead h2");
    let paged = false;
    sort.hidden = byScore.length < 2;
    sort.addEventListener("click", () => {
      paged = !paged;
      tiles.append(...(paged ? byPage : byScore));
      title.textContent = paged ? "Figures, by page" : "Figures, lowest score first";
      sort.textContent = paged ? "By score" : "By page";
    });
  }

  let lit = [];
  document.addEventListener("pointerover", (event) => {
    const of = event.target.closest("[data-figure]");
    lit.forEach((element) => element.classList.remove("lit"));
    lit = of ? [...document.querySelectorAll(`svg [data-figure="${of.dataset.figure}"], .card[data-figure="${of.dataset.figure}"]`)] : [];
    lit.forEach((element) => element.classList.add("lit"));
  });

  const visible = () => [...document.querySelectorAll("section.page")].filter((page) => page.offsetParent !== null);
  const header = document.querySelector("header.top");
  function step(by) {
    const pages = visible();
    if (!pages.length) return;
    const edge = getComputedStyle(header).position === "sticky" ? header.offsetHeight + 12 : 12;
    const tops = pages.map((page) => page.getBoundingClientRect().top - edge);
    let at = pages.findIndex((page) => page.classList.contains("current"));
    if (at < 0 || Math.abs(tops[at]) > innerHeight) at = tops.filter((top) => top <= 1).length - 1;
    const next = pages[Math.min(pages.length - 1, Math.max(0, at + by))];
    document.querySelectorAll(".current").forEach((page) => page.classList.remove("current"));
    next.classList.add("current");
    next.focus({ preventScroll: true });
    next.scrollIntoView();
  }
  const boxes = ["draw-body", "draw-caption", "draw-panel"];
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    t: () => scrollTo(0, 0),
    b: () => { const on = boxes.some((id) => $(id).checked); boxes.forEach((id) => { $(id).checked = !on; }); },
    1: () => { $("show-all").checked = true; },
    2: () => { $("show-low").checked = true; },
    3: () => { $("show-failures").checked = true; },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !$("top") || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  document.body.dataset.ready = "";
})();
