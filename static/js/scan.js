// The scan field keeps the focus, a scanner's keys never press a button, and no scan is lost while another is answered.
// A field is [data-scan]; of several the one marked data-scan="main" (a task's own) comes before the one in the head.
(function () {
  "use strict";
  const BURST_MS = 50; // a scanner types faster than this between two keys, people do not
  const BURST_KEYS = 3;
  const AFTER_MS = 300; // the second half of a CR LF, or of two Enters
  const field = () => document.querySelector('[data-scan="main"]') || document.querySelector("[data-scan]");
  const writes = (node) => node.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  const asked = () => document.querySelector("dialog[open]") || document.querySelector("details[data-menu][open]");

  const wanted = () => [...document.querySelectorAll("[autofocus]")].some((node) => !node.closest("dialog"));

  let last = 0;
  let keys = 0;
  let sent = -AFTER_MS;

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
  function count(now) {
    keys = now - last <= BURST_MS ? keys + 1 : 1;
    last = now;
  }

  function onEnter(event, target) {
    const now = event.timeStamp;
    const ended = keys >= BURST_KEYS && now - last <= AFTER_MS;
    const second = now - sent <= AFTER_MS && last < sent;
    keys = 0;
    if (event.target === target) {
      if (second || target.value === "") event.preventDefault();
      else sent = now;
    } else if (second || ended) {
      event.preventDefault(); // the Enter of a scan presses nothing
    }
  }
  function onSeparator(event, target) { // scanners send it as Ctrl+]: a text field would drop it
    event.preventDefault();
    count(event.timeStamp);
    target.focus({ preventScroll: true });
    target.setRangeText("\x1d", target.selectionStart, target.selectionEnd, "end");
  }
  document.addEventListener("keydown", (event) => {
    const target = field();
    if (!target || asked() || event.isComposing) return;
    const elsewhere = event.target !== target && writes(event.target);
    if (event.key === "Enter") return onEnter(event, target);
    if (event.ctrlKey && event.code === "BracketRight" && !elsewhere) return onSeparator(event, target);
    if (event.ctrlKey || event.altKey || event.metaKey || event.key.length !== 1) return;
    count(event.timeStamp);
    if (elsewhere || event.target === target) return;
    if (event.key === " " && keys < BURST_KEYS) return; // Space still presses the focused button
    target.focus({ preventScroll: true }); // the key itself then lands in the field
  }, true);

  // Alt and the key named by data-key="u" presses that button, e.g. the undo of the last verdict
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.repeat || !event.code.startsWith("Key")) return;
    const by = document.querySelector('[data-key="' + event.code.slice(3).toLowerCase() + '"]');
    if (!by || asked()) return;
    event.preventDefault();
    by.click();
  });

  // A scan form with hx-post sends one scan after another, in order, and is free for the next one at once.
  const waiting = [];
  let sending = false;
  async function drain() {
    if (sending) return;
    sending = true;
    while (waiting.length) {
      const scan = waiting.shift();
      try {
        await window.htmx.ajax("POST", scan.url, { target: scan.target, swap: scan.swap, values: scan.values });
      } catch (_error) {
        // app.js has told the person
      }
    }
    sending = false;
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const target = form.querySelector("[data-scan]");
    if (!target || !form.hasAttribute("hx-post") || !window.htmx) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const values = Object.fromEntries(new FormData(form, event.submitter));
    const aim = form.getAttribute("hx-target");
    waiting.push({ url: form.getAttribute("hx-post"), target: aim || form, swap: form.getAttribute("hx-swap") || "innerHTML", values });
    target.value = "";
    drain();
  }, true);

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
  document.addEventListener("htmx:afterSettle", take);
  if (document.querySelector('[data-scan="main"]') || window.matchMedia("(pointer: fine)").matches) take();
})();
