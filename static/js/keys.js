// Shortcuts beside the scanner: arrows choose a row of a list, Enter opens it, Alt and Enter press its button, "?" tells them all.
// A scanner's keys come in bursts, so a single letter counts only when nothing follows it.
(function () {
  "use strict";
  const QUIET_MS = 400;
  const rows = () => [...document.querySelectorAll("[data-rows] [data-row]")];
  const field = () => document.querySelector('[data-scan="main"]') || document.querySelector("[data-scan]");
  const writes = (node) => node.matches && node.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  const idle = (node) => !writes(node) || (node.matches("[data-scan]") && node.value === "");
  const asked = () => document.querySelector("dialog[open]") || document.querySelector("details[data-menu][open]");
  let chosen = ""; // the id of the row, which lives on when the list is read anew

  function mark(scroll) {
    rows().forEach((row) => { row.toggleAttribute("data-chosen", row.id === chosen); });
    const row = document.getElementById(chosen);
    if (row && scroll) row.scrollIntoView({ block: "nearest" });
  }
  function move(step) {
    const all = rows();
    if (!all.length) return false;
    const at = all.findIndex((row) => row.id === chosen);
    const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step));
    chosen = all[next].id;
    mark(true);
    return true;
  }
  const here = () => rows().find((row) => row.id === chosen);
  function press(row, selector) {
    const target = row && row.querySelector(selector);
    if (target) target.click();
    return Boolean(target);
  }
  function onList(event) {
    if (event.key === "ArrowDown" && !event.altKey) return move(1);
    if (event.key === "ArrowUp" && !event.altKey) return move(-1);
    if (event.key === "Enter" && event.altKey) return press(here(), "[data-row-button], .act .btn");
    if (event.key === "Enter" && (event.target === document.body || event.target.matches("[data-scan]"))) return press(here(), "a[data-row-open], a");
    if (event.altKey && event.code === "KeyS") return press(here(), "[data-pick]");
    if (event.altKey && event.code === "KeyA") {
      const all = document.querySelector("[data-pick-all]");
      if (all) all.click();
      return Boolean(all);
    }
    return false;
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.isComposing || asked() || !idle(event.target)) return;
    if (onList(event)) event.preventDefault();
  });

  let waiting = 0;
  document.addEventListener("keydown", (event) => {
    clearTimeout(waiting);
    if (event.key !== "?" || event.ctrlKey || event.metaKey || event.altKey || event.repeat || asked() || !idle(event.target)) return;
    waiting = setTimeout(() => {
      const target = field();
      if (target && target.value.length > 1) return; // the beginning of something longer
      if (target) target.value = "";
      if (window.boScans && window.boScans.rest) window.boScans.rest(); // the next scan does not begin with it
      document.getElementById("keys-help").showModal();
    }, QUIET_MS);
  });
  document.addEventListener("htmx:afterSettle", () => mark(false));
})();
