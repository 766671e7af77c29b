// The little that a page needs beyond HTML: menu, dialogs, messages, one send per form, signs of work under way.
// Everything works without it.
(function () {
  "use strict";
  const SHOWN_MS = 5000; // good news leave by themselves, and before newer ones; everything else stays until it is closed
  const say = (name) => document.body.dataset["text" + name] || "";

  // Messages ---------------------------------------------------------------------------------------------------------
  function dress(notice) {
    if (notice.querySelector(".shut")) return;
    const shut = document.createElement("button");
    shut.type = "button";
    shut.className = "shut";
    shut.textContent = "×";
    shut.setAttribute("aria-label", say("Close"));
    shut.addEventListener("click", () => notice.remove());
    notice.append(shut);
    if (!good(notice)) return;
    [...notice.parentElement.children].filter((other) => other !== notice && good(other)).forEach((other) => other.remove());
    leaveLater(notice);
  }
  const good = (notice) => notice.matches("[data-notice].success, [data-notice].ok");
  function leaveLater(notice) {
    let timer = setTimeout(() => notice.remove(), SHOWN_MS);
    const stay = () => clearTimeout(timer);
    const go = () => { stay(); timer = setTimeout(() => notice.remove(), SHOWN_MS); };
    notice.addEventListener("pointerenter", stay);
    notice.addEventListener("pointerleave", go);
    notice.addEventListener("focusin", stay);
    notice.addEventListener("focusout", go);
  }
  function toast(text, level) {
    const notice = document.createElement("div");
    const words = document.createElement("span");
    notice.className = "notice " + (level || "info");
    notice.dataset.notice = "";
    words.textContent = text;
    notice.append(words);
    document.getElementById("toasts").append(notice);
    dress(notice);
  }
  // A response may say: HX-Trigger: {"toast": {"text": "…", "level": "success|info|warning|error"}}
  document.addEventListener("toast", (event) => toast(event.detail.text || event.detail.value, event.detail.level));

  // Dialogs ----------------------------------------------------------------------------------------------------------
  function openDialog(dialog) {
    if (dialog && dialog.showModal && !dialog.open) dialog.showModal();
    return Boolean(dialog && dialog.open);
  }
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener && openDialog(document.getElementById(opener.dataset.dialog))) event.preventDefault();
    const closer = event.target.closest("[data-close]");
    if (closer && closer.closest("dialog")) closer.closest("dialog").close();
    if (event.target.nodeName === "DIALOG") event.target.close(); // the dimmed page beside it
    const off = event.target.closest("[data-off]");
    if (off) nudge(off.closest(".off"));
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  function nudge(off) { // a button that cannot work points at its reason
    off.classList.add("nudge");
    setTimeout(() => off.classList.remove("nudge"), 2000);
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // One send per form ------------------------------------------------------------------------------------------------
  function busy(form, by) {
    form.setAttribute("aria-busy", "true");
    if (!by || !by.classList.contains("btn") || by.querySelector(".turn")) return;
    const turn = document.createElement("span");
    turn.className = "turn";
    by.prepend(turn);
  }
  function idle(form) {
    form.removeAttribute("aria-busy");
    form.querySelectorAll(".turn").forEach((turn) => turn.remove());
  }
  const byHtmx = (form) => form.matches("[hx-post], [hx-get], [hx-put], [hx-patch], [hx-delete]") && window.htmx;
  // "data-many": a field that is sent again and again, such as the scan field
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.getAttribute("method") === "dialog" || form.hasAttribute("data-many")) return;
    if (form.getAttribute("aria-busy") === "true") {
      event.preventDefault();
      event.stopImmediatePropagation();
    } else if (form.method === "post" && !byHtmx(form)) {
      busy(form, event.submitter);
    }
  }, true);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form[aria-busy]").forEach(idle);
  });

  // Fragments (htmx) -------------------------------------------------------------------------------------------------
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.detail.elt.closest("form");
    const cause = event.detail.requestConfig.triggeringEvent;
    if (form && !form.hasAttribute("data-many")) busy(form, cause && cause.submitter);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt.closest("form");
    if (form) idle(form);
    const dialog = event.detail.elt.closest("dialog");
    if (dialog && event.detail.successful) dialog.close();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!event.detail.xhr.getResponseHeader("X-Sign-In")) return;
    event.detail.shouldSwap = false; // the session has ended: sign in on a whole page
    window.location.reload();
  });
  // What a person asked for is answered by a message. What the clock asked for shows a chip, which leaves by itself.
  const OWN = ["submit", "click", "change", "input", "search", "keydown", "keyup"];
  function missed(event, word) {
    const cause = event.detail.requestConfig && event.detail.requestConfig.triggeringEvent;
    if (cause && OWN.includes(cause.type)) toast(say(word), "error");
    else away(true);
  }
  document.addEventListener("htmx:sendError", (event) => missed(event, "Offline"));
  document.addEventListener("htmx:timeout", (event) => missed(event, "Offline"));
  document.addEventListener("htmx:responseError", (event) => missed(event, "Failed"));

  // No connection: said once, in one place, for as long as it lasts. The root's "data-away" tells other scripts.
  function away(is) {
    const chip = document.getElementById("scan-away");
    if (chip) chip.hidden = !is;
    document.documentElement.toggleAttribute("data-away", is);
  }
  const back = () => away(false);
  ["server-away", "server-back"].forEach((name) => document.addEventListener(name, () => away(name === "server-away")));
  window.addEventListener("offline", () => away(true));
  window.addEventListener("online", back);
  document.addEventListener("htmx:afterOnLoad", (event) => { if (event.detail.xhr.status < 500) back(); });

  // A clock that runs down to what is done by itself: "29:05", "1:04:59" --------------------------------------------------
  const two = (n) => String(n).padStart(2, "0");
  function countDown() {
    document.querySelectorAll("[data-until]").forEach((clock) => {
      const left = Math.max(0, Math.floor((Date.parse(clock.dataset.until) - Date.now()) / 1000));
      const hours = Math.floor(left / 3600);
      clock.textContent = (hours ? hours + ":" : "") + two(Math.floor(left / 60) % 60) + ":" + two(left % 60);
    });
  }
  setInterval(countDown, 1000);

  // Fields of digits drop what is pasted between them ----------------------------------------------------------------
  document.addEventListener("input", (event) => {
    if (!event.target.matches || !event.target.matches("[data-digits]")) return;
    const digits = event.target.value.replace(/\D/g, "");
    if (digits !== event.target.value) event.target.value = digits;
  });

  // Selecting rows: "data-pick-all" and the count in "data-picked" ---------------------------------------------------
  function countPicked() {
    const picks = [...document.querySelectorAll("[data-pick]")];
    const picked = picks.filter((pick) => pick.checked).length;
    document.querySelectorAll("[data-picked]").forEach((place) => { place.textContent = String(picked); });
    document.querySelectorAll("[data-when-picked]").forEach((bar) => { bar.hidden = picked === 0; });
    document.querySelectorAll("[data-pick-all]").forEach((all) => {
      all.checked = picked > 0 && picked === picks.length;
      all.indeterminate = picked > 0 && picked < picks.length;
    });
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick-all]")) {
      document.querySelectorAll("[data-pick]").forEach((pick) => { pick.checked = event.target.checked; });
    }
    if (event.target.matches("[data-pick-all], [data-pick]")) countPicked();
  });

  function ready(root) {
    if (root.matches && root.matches("[data-notice]")) dress(root);
    root.querySelectorAll("[data-notice]").forEach(dress);
    if (root.matches && root.matches("dialog[data-open]")) openDialog(root);
    root.querySelectorAll("dialog[data-open]").forEach(openDialog);
    if (document.querySelector("[data-pick]")) countPicked();
  }
  document.addEventListener("htmx:load", (event) => ready(event.detail.elt));
  ready(document);
})();
