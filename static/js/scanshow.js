// Verdicts on the screen: in the page's own #verdict, else in the bar under the head; the last ten in [data-last-scans].
// A verdict: {tone: ok|bad|warn|info|wait, title, text, code, number, notes, links, undo, again, yes, html}; `yes` is what the
// button of `again` says, `code` the end of what waits, `head` names the task, `word` the tone. Errors stay until the next scan.
(function () {
  "use strict";
  const scans = (window.boScans = window.boScans || {});
  const bar = document.getElementById("scan-bar");
  if (!bar) return;
  const user = document.body.dataset.user;
  const GOOD_MS = 30000; // a good verdict stays that long, or until the next scan
  const MOST = 10;
  const SHORT = 90; // characters of a reason in the list
  const LAST = "scan-last";
  const HANDED = "scan-verdict";
  const said = document.getElementById("scan-said");
  let leaving = 0;
  let current = null;

  // Words and tones only; nothing that was read is kept.
  function recall(key) {
    try {
      const kept = JSON.parse(window.sessionStorage.getItem(key) || "null");
      return kept && kept.user === user ? kept.value : null;
    } catch (_error) {
      return null;
    }
  }
  function keep(key, value) {
    try {
      window.sessionStorage.setItem(key, JSON.stringify({ user, value }));
    } catch (_error) {
      // storage is off: the page works without it
    }
  }

  // Building ---------------------------------------------------------------------------------------------------------
  function line(node, text) {
    const words = document.createElement("p");
    words.textContent = text;
    node.append(words);
  }
  function link(text, href) {
    const there = document.createElement("a");
    there.textContent = text;
    there.href = new URL(href, window.location.href).origin === window.location.origin ? href : "#";
    return there;
  }
  function button(text, name, value) {
    const press = document.createElement("button");
    press.type = "button";
    press.className = "as-link";
    press.textContent = text;
    press.dataset[name] = String(value);
    return press;
  }
  function ways(verdict) {
    const found = (verdict.links || []).map((each) => link(each.text, each.href));
    if (verdict.again) {
      const take = button(verdict.yes || bar.dataset.again, "scanAgain", verdict.again);
      take.className = "btn btn-outline-secondary";
      found.push(take);
    }
    if (verdict.drop) found.push(button(bar.dataset.drop, "scanDrop", verdict.drop));
    if (verdict.undo) {
      const undo = button(bar.dataset.undoWord, "scanUndo", verdict.undo);
      undo.dataset.key = "u";
      undo.insertAdjacentHTML("beforeend", '<span class="only-keys"> (U)</span>');
      found.push(undo);
    }
    return found;
  }
  function spoken(node, word) { // a repeat looks like a question, and is called what it is
    const place = node.querySelector(".sign .visually-hidden") || node.querySelector(".visually-hidden");
    if (place && word) place.textContent = word;
  }
  function built(verdict) {
    const pattern = bar.querySelector(`template[data-tone="${verdict.tone}"]`) || bar.querySelector('template[data-tone="info"]');
    const node = pattern.content.firstElementChild.cloneNode(true);
    const body = node.querySelector(".body");
    spoken(node, verdict.word);
    node.querySelector("strong").textContent = verdict.title;
    const text = [verdict.code, verdict.text].filter(Boolean).join(" · ");
    if (text) line(body, text);
    const more = document.createElement("div");
    more.className = "more";
    const note = (verdict.notes || []).join(" · ");
    if (note) {
      const small = document.createElement("small");
      small.className = "muted";
      small.textContent = note;
      more.append(small);
    }
    more.append(...ways(verdict));
    if (more.childNodes.length) body.append(more);
    return node;
  }
  // The server's own fragment; undoing and deciding go the way of scans, wherever the fragment came from.
  function fragment(place, verdict) {
    place.innerHTML = verdict.html;
    const node = place.querySelector(".verdict");
    if (!node) return;
    const old = place.querySelector('[data-key="u"]');
    if (old) (old.closest("form") || old).remove();
    if (verdict.again) place.querySelectorAll('form:has([name="again"])').forEach((form) => form.remove());
    const extra = ways({ undo: verdict.undo, again: verdict.again, yes: verdict.yes });
    if (extra.length) {
      let more = node.querySelector(".more");
      if (!more) {
        more = document.createElement("div");
        more.className = "more";
        node.querySelector(".body").append(more);
      }
      more.append(...extra);
    }
    if (window.htmx) window.htmx.process(place);
  }

  // Showing ----------------------------------------------------------------------------------------------------------
  function seen(place) {
    const box = place.getBoundingClientRect();
    const head = document.querySelector(".top");
    return box.top >= (head ? head.getBoundingClientRect().bottom - 8 : 0) && box.top < window.innerHeight * 0.75;
  }
  const dialog = () => document.querySelector("dialog[open]");
  function show(verdict) {
    clearTimeout(leaving);
    current = verdict;
    const place = document.getElementById("verdict");
    if (place && verdict.html) fragment(place, verdict);
    else if (place) place.replaceChildren(built(verdict));
    if (!place || dialog() || !seen(place)) said.replaceChildren(built(verdict));
    else said.replaceChildren();
    bar.classList.toggle("is-said", said.childNodes.length > 0);
    if (verdict.tone === "ok" || verdict.tone === "info") leaving = setTimeout(() => hush(".ok, .info"), GOOD_MS);
  }
  function hush(which) {
    current = null;
    [document.getElementById("verdict"), said].forEach((place) => {
      if (place && (!which || place.querySelector(`.verdict:is(${which})`))) place.replaceChildren();
    });
    bar.classList.toggle("is-said", said.childNodes.length > 0);
  }
  // Something new was read: what stands there is about the scan before.
  function stale() {
    document.querySelectorAll("#verdict > .verdict, #scan-said > .verdict").forEach((node) => node.classList.add("is-old"));
  }
  function toast(text, level) {
    document.dispatchEvent(new CustomEvent("toast", { detail: { text, level } }));
  }

  // The last ten -----------------------------------------------------------------------------------------------------
  const known = (nonce) => (recall(LAST) || []).some((each) => each.nonce === nonce);
  function note(verdict, nonce, at) {
    const rows = (recall(LAST) || []).filter((each) => each.nonce !== nonce);
    const { tone, title, head = "", word = "" } = verdict;
    keep(LAST, [{ nonce, at, tone, title, head, word, why: reason(verdict) }, ...rows].slice(0, MOST));
    list();
  }
  // Why it was not simply taken, in short: "No" alone tells nobody anything an hour later.
  function reason({ tone, text = "" }) {
    if (tone !== "bad" && tone !== "warn") return "";
    const first = text.split(/(?<=[.!?…])\s+(?=\p{Lu})/u)[0];
    return first.length > SHORT ? first.slice(0, SHORT - 1).trimEnd() + "…" : first;
  }
  function row(each) {
    const item = document.createElement("li");
    const time = document.createElement("time");
    const icon = bar.querySelector(`template[data-tone="${each.tone}"]`) || bar.querySelector('template[data-tone="info"]');
    const sign = icon.content.querySelector(".sign").cloneNode(true);
    const words = document.createElement("span");
    spoken(sign, each.word);
    item.className = each.tone;
    time.textContent = new Date(each.at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
    words.textContent = each.title;
    const number = each.head && !each.title.includes(each.head) ? each.head : "";
    const more = [number, each.why].filter(Boolean).join(" · ");
    if (more) {
      const small = document.createElement("small");
      small.className = "muted d-block";
      small.textContent = more;
      words.append(small);
    }
    item.append(sign, words, time);
    return item;
  }
  function list() {
    const rows = recall(LAST) || [];
    document.querySelectorAll("[data-last-scans]").forEach((place) => {
      place.hidden = rows.length === 0;
      place.querySelector("ol").replaceChildren(...rows.map(row));
    });
  }

  // A verdict that goes on to the page it opens
  function hand() {
    if (current && !current.secret) keep(HANDED, { tone: current.tone, title: current.title, text: current.text || "" });
  }
  function redraw() { // the same verdict on the page that has come in place of the one before
    if (current) show(current);
  }
  function take() {
    const verdict = recall(HANDED);
    if (!verdict) return;
    keep(HANDED, null);
    show(verdict);
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-hush]")) hush("");
  });
  document.addEventListener("htmx:load", (event) => {
    if (event.detail.elt.querySelector("[data-last-scans]")) list();
  });
  scans.face = { show, now: () => current, stale, hush, note, known, hand, redraw, toast, recall, keep, words: bar.dataset };
  // The page makes room for what floats over it
  const inner = bar.querySelector(".inner");
  new ResizeObserver(() => {
    const height = bar.closest("dialog") ? 0 : inner.offsetHeight;
    document.documentElement.style.setProperty("--scan-room", height ? `calc(${height}px + .5rem)` : "0px");
  }).observe(inner);
  take();
  list();
})();
