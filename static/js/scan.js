// The scan field: it keeps the focus, lets go for questions, and takes what is typed by hand.
// A field is [data-scan]; of several the one marked data-scan="main" (a task's own) comes before the one in the head.
// What a scanner types is read by scankeys.js before any field sees it.
(function () {
  "use strict";
  const scans = (window.boScans = window.boScans || {});
  const UNDO_MS = 400; // a "u" that nothing follows for that long is no beginning of a code
  const field = () => document.querySelector('[data-scan="main"]') || document.querySelector("[data-scan]");
  const writes = (node) => node.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  const asked = () => document.querySelector("dialog[open]") || document.querySelector("details[data-menu][open]");
  const wanted = () => [...document.querySelectorAll("[autofocus]")].some((node) => !node.closest("dialog"));

  let known = null;
  function take() {
    const target = field();
    const appeared = target !== known; // the task's own field has come up: an empty field of the head gives way to it
    known = target;
    if (!target || asked() || wanted()) return;
    const active = document.activeElement;
    const gives = appeared && active && active.matches("[data-scan]") && active.value === "";
    if (active && active !== document.body && active !== target && !gives && writes(active)) return;
    target.inputMode = "none"; // no keyboard covers the page until the field is tapped
    target.focus({ preventScroll: true });
  }

  // An Enter in an empty field asks for nothing; in a full one it sends what was typed.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches && event.target.matches("[data-scan]") && event.target.value === "") event.preventDefault();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const target = form.querySelector('[data-scan="main"]:not([data-scan-own])');
    const again = form.closest("#verdict") && form.querySelector('[name="again"]');
    if (!scans.works || (!target && !again)) return; // the field of the head searches, on a page of its own
    event.preventDefault();
    event.stopImmediatePropagation();
    if (again) {
      scans.decide(again.value);
      return;
    }
    const raw = target.value;
    target.value = "";
    if (raw === "") return;
    scans.read({ raw, typed: true }).then((safe) => { if (!safe && target.value === "") target.value = raw; });
  }, true);

  // Alt and the key named by data-key="u" presses that button, e.g. the undo of the last verdict -----------------------------
  const keyed = (letter) => document.querySelector(`[data-key="${letter}"]`);
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.repeat || !event.code.startsWith("Key")) return;
    const by = keyed(event.code.slice(3).toLowerCase());
    if (!by || asked()) return;
    event.preventDefault();
    by.click();
  });
  // A plain U undoes as well where nobody is typing: no other key follows it, and the field was not tapped. At a bench
  // it takes the last scan back although no button says so any more.
  let undo = 0;
  const idle = (node) => !node.matches || !writes(node) || (node.matches("[data-scan]") && node.inputMode === "none" && node.value === "");
  document.addEventListener("keydown", (event) => {
    clearTimeout(undo);
    const plain = event.code === "KeyU" && !event.ctrlKey && !event.altKey && !event.metaKey && !event.repeat;
    const bench = () => scans.works && document.querySelector('[data-scan="main"]');
    if (!plain || asked() || !(keyed("u") || bench()) || !idle(event.target)) return;
    undo = setTimeout(() => {
      const target = field();
      if (target && target.value.length > 1) return;
      if (target) target.value = "";
      if (scans.rest) scans.rest(); // the next scan does not begin with it
      if (keyed("u")) keyed("u").click();
      else if (bench()) scans.undo();
    }, UNDO_MS);
  });

  // A field too narrow for its hint gets the short one --------------------------------------------------------------------
  const pen = document.createElement("canvas").getContext("2d");
  function hint(node) {
    if (!node.dataset.long) node.dataset.long = node.placeholder;
    const style = getComputedStyle(node);
    pen.font = style.font;
    const room = node.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    node.placeholder = pen.measureText(node.dataset.long).width > room ? node.dataset.short : node.dataset.long;
  }
  const widths = new ResizeObserver((entries) => entries.forEach((entry) => hint(entry.target)));
  const hints = () => document.querySelectorAll("input[data-short]").forEach((node) => widths.observe(node));
  document.addEventListener("htmx:load", hints);
  hints();

  // a tap on the field asks for the keyboard of the screen
  document.addEventListener("pointerdown", (event) => {
    if (event.target.matches && event.target.matches("[data-scan]")) event.target.inputMode = "text";
  });
  // buttons do not keep the focus where scanning is the work
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button || !document.querySelector('[data-scan="main"]') || asked()) return;
    button.blur();
    take();
  });
  document.addEventListener("close", take, true);
  // A part of the page that is read anew gives the focus to nobody who has it elsewhere.
  document.addEventListener("htmx:afterSettle", (event) => {
    const active = document.activeElement;
    const part = event.detail.elt;
    const inside = active && part && part.contains && part.contains(active);
    if (!active || active === document.body || inside || active.matches("[data-scan]")) take();
  });
  if (document.querySelector('[data-scan="main"]') || window.matchMedia("(pointer: fine)").matches) take();
})();
