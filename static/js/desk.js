// The desk: a scan or a number brings an order onto it, the keypad writes the buyer's code. Nothing of a code is kept anywhere.
// Without JavaScript the fields are typed into and the forms are posted as whole pages.
(function () {
  "use strict";
  document.documentElement.classList.add("scripted");
  const code = () => document.querySelector("[data-desk-code]");
  const find = () => document.getElementById("desk-find-input");
  const sound = (name) => { if (window.boScans && window.boScans.sound) window.boScans.sound(name); };

  // Scans are orders here; badges and the commands of the sheet stay what they are everywhere -----------------------------
  document.addEventListener("scan", (event) => {
    const text = event.detail.keys || event.detail.raw;
    const form = document.getElementById("desk-find");
    if (/^BO-[UC]-/i.test(text) || !form || !window.htmx) return;
    event.preventDefault();
    sound("read");
    find().value = "";
    window.htmx.ajax("POST", form.action, { target: "#desk-work", swap: "outerHTML", values: { find: text } });
  });

  // The keypad -----------------------------------------------------------------------------------------------------------
  function write(text) {
    const field = code();
    if (!field) return;
    field.value = text.slice(0, field.maxLength);
    take(field);
  }
  function take(field) {
    field.inputMode = "none"; // the keypad is on the page: no keyboard of the screen covers it
    field.focus({ preventScroll: true });
    field.setSelectionRange(field.value.length, field.value.length);
  }
  document.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key-digit], [data-key-back], [data-key-clear]");
    const field = code();
    if (!key || !field) return;
    if (key.dataset.keyDigit) write(field.value + key.dataset.keyDigit);
    else write(key.hasAttribute("data-key-back") ? field.value.slice(0, -1) : "");
  });

  // The button that was pressed says what became of the parcel; scan.js has blurred it by now, and htmx would forget it.
  document.addEventListener("htmx:configRequest", (event) => {
    const cause = event.detail.triggeringEvent;
    const by = event.detail.elt.id === "desk-form" && cause && cause.submitter;
    if (by && by.name) event.detail.parameters[by.name] = by.value;
  });

  // A code is asked for: its field has the keys, unless somebody is at the next order already -----------------------------
  function ready() {
    const field = code();
    const next = find();
    if (next && document.activeElement === next && next.value !== "") return;
    if (field) take(field);
    else if (next && !document.querySelector("dialog[open]")) {
      next.inputMode = "none";
      next.focus({ preventScroll: true });
    }
  }
  let told = "";
  function answer() { // a sound for a verdict that was not there before
    const verdict = document.querySelector("#desk-work .verdict:is(.ok, .bad)");
    const text = verdict ? verdict.textContent : "";
    if (verdict && text !== told) sound(verdict.matches(".ok") ? "done" : "error");
    told = text;
  }
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!event.detail.target || event.detail.target.id !== "desk-work") return;
    ready();
    answer();
  });
  ready();
})();
