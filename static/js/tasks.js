// The queue refreshes itself without taking anything out of people's hands; filters apply at once.
// Without JavaScript there are buttons for all of it.
(function () {
  "use strict";
  document.documentElement.classList.add("scripted");
  let pressed = false;
  let chosen = [];

  document.addEventListener("pointerdown", () => { pressed = true; }, true);
  ["pointerup", "pointercancel"].forEach((name) => document.addEventListener(name, () => { pressed = false; }, true));

  const picks = () => [...document.querySelectorAll("[data-pick]")];
  function tellOfPicks() { // app.js counts on a change of any of them
    const first = picks()[0];
    if (first) first.dispatchEvent(new Event("change", { bubbles: true }));
  }
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-pick-none]")) return;
    picks().forEach((pick) => { pick.checked = false; });
    tellOfPicks();
  });

  // A refresh by the clock waits while somebody is at it: a pressed button, an open question, a hidden window.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.id !== "queue") return;
    const cause = event.detail.requestConfig.triggeringEvent;
    if (cause && cause.type === "queue-changed") return;
    if (pressed || document.hidden || document.querySelector("dialog[open]")) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id === "queue") chosen = picks().filter((pick) => pick.checked).map((pick) => pick.id);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "queue" && !document.getElementById("queue")) return;
    chosen.forEach((id) => {
      const pick = document.getElementById(id);
      if (pick) pick.checked = true;
    });
    chosen = [];
    tellOfPicks();
  });

  // A wave: the card of the task that has come into the hand is brought into view, and what was said of it goes along.
  const held = () => document.querySelector(".wave-task.is-hand");
  let hand = held() ? held().id : "";
  document.addEventListener("htmx:afterSettle", () => {
    const card = held();
    const another = card && card.id !== hand;
    hand = card ? card.id : "";
    if (!another) return;
    const box = card.getBoundingClientRect();
    const edge = (which, side, otherwise) => {
      const node = document.querySelector(which);
      return (node && node.getBoundingClientRect()[side]) || otherwise;
    };
    if (box.top >= edge(".top", "bottom", 0) && box.bottom <= edge(".bottom", "top", window.innerHeight)) return;
    card.scrollIntoView({ block: "center", behavior: "instant" });
    if (window.boScans && window.boScans.face) window.boScans.face.redraw();
  });

  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-sift]");
    if (form && !form.closest("details[open]")) form.requestSubmit(); // in a sheet several are chosen before "Show"
  });

  // Every scan has a nonce of its own: one sent twice is one, two of the same code are two. On the window, because
  // the scan field takes the event at the document and lets nobody else have it.
  window.addEventListener("submit", (event) => {
    const field = event.target.querySelector("[data-nonce]");
    if (field) field.value = [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
  }, true);
})();
