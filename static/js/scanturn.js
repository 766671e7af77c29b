// Goes to another page of work without leaving this one: a browser drops keys while it changes documents, and with them scans.
// Only pages that take scans themselves (WORKS) are opened so; their scripts listen at the document or to htmx:load.
// Everything else, and whatever goes wrong, is an ordinary change of page; without a connection the page stays and tries again.
(function () {
  "use strict";
  const scans = (window.boScans = window.boScans || {});
  const { face } = scans;
  if (!face) return;
  const WORKS = "#main :is([data-scan-task], [data-scan-wave], [data-scan-order])";
  const PATIENCE = 15000; // for a page
  const AGAIN = [1000, 2000, 5000]; // between attempts while nothing comes
  const OPENED_MS = 5000;
  const FORM = "print-form"; // what this browser prints: a sheet or a label
  const BUSY = [429, 502, 503, 504]; // nobody is there who could answer
  const body = document.body;
  const words = face.words;
  const at = () => window.location.pathname + window.location.search;
  const files = (page, what) => new Map([...page.head.querySelectorAll(what)].map((node) => [node.href || node.src, node]));

  // A page ---------------------------------------------------------------------------------------------------------------
  // The same person, and the same mark of training: a page of the other kind is opened as a whole.
  function same(page) {
    const mark = (of) => { const bar = of.querySelector(".training-bar"); return bar ? bar.className : ""; };
    return page.body.dataset.user === body.dataset.user && mark(page) === mark(document);
  }
  // The page, or why not: "away" when nothing came, "other" when it has to be opened as a whole.
  async function read(address) {
    try {
      const signal = AbortSignal.timeout(PATIENCE);
      const response = await fetch(address, { headers: { Accept: "text/html" }, redirect: "manual", signal });
      if (BUSY.includes(response.status)) return "away";
      if (!response.ok || response.headers.get("X-Sign-In")) return "other";
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      return same(page) ? page : "other";
    } catch (_error) {
      return "away";
    }
  }
  // Resolves when the styles that the new page needs besides are there: it never shows bare.
  function dress(page) {
    const known = files(document, 'link[rel="stylesheet"]');
    return Promise.all([...files(page, 'link[rel="stylesheet"]')].filter(([href]) => !known.has(href)).map(([href]) => new Promise((done) => {
      const link = document.createElement("link");
      link.rel = "stylesheet";
      link.onload = link.onerror = done;
      link.href = href;
      document.head.append(link);
    })));
  }
  function animate(page) {
    const known = files(document, "script[src]");
    [...files(page, "script[src]")].filter(([src]) => !known.has(src)).forEach(([src]) => {
      const script = document.createElement("script");
      script.async = false;
      script.src = src;
      document.head.append(script);
    });
  }
  // What stands around the work: who picks, the counts, where the forms of the head lead back to.
  function frame(page) {
    [".rail", ".bottom", ".top .sync"].forEach((which) => {
      const [old, fresh] = [document.querySelector(which), page.querySelector(which)];
      if (!old || !fresh) return;
      old.replaceWith(document.adoptNode(fresh));
      window.htmx.process(fresh);
    });
    const [old, fresh] = [document.querySelector(".top .picker"), page.querySelector(".top .picker")];
    if (old) old.remove();
    if (fresh) document.querySelector(".top .menu").before(document.adoptNode(fresh));
    document.querySelectorAll(".top :is([name=next], [name=back])").forEach((field) => {
      const its = page.querySelector(`.top [name="${field.name}"]`);
      if (its) field.value = its.value;
    });
    body.setAttribute("hx-headers", page.body.getAttribute("hx-headers"));
  }
  function replace(page) {
    frame(page);
    const dialogs = page.getElementById("page-dialogs");
    document.getElementById("page-dialogs").replaceWith(document.adoptNode(dialogs));
    window.htmx.process(dialogs);
    document.title = page.title;
    body.className = page.body.className;
    const main = document.getElementById("main");
    const how = { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 };
    window.htmx.swap(main, page.getElementById("main").outerHTML, how, { eventInfo: { target: main, elt: main } });
  }
  // "done" when the page is there, and the address is its own; else as above. With `anew` it is the page that is here
  // already, for another person: what is written in its forms stays, unless it is a page of work.
  async function turn(address, { anew = false } = {}) {
    const page = window.htmx ? await read(address) : "other";
    if (typeof page === "string") return page;
    const asked = document.querySelector("dialog[open]:not([data-scan-own])");
    const works = page.querySelector(WORKS) && !asked;
    if (anew && !works) frame(page);
    if (!works) return anew ? "done" : "other";
    await dress(page);
    if (address !== at()) window.history.pushState({ scan: true }, "", address);
    shown = at();
    replace(page);
    animate(page);
    if (!anew) window.scrollTo(0, 0);
    return "done";
  }

  // Where scans lead ---------------------------------------------------------------------------------------------------
  let leaving = false; // the browser changes the page
  let turning = false; // we do, and scans go on
  let turned = null; // where the page will be in a moment
  let going = "";
  let badge = false; // somebody else picks now
  let heard = 0; // verdicts
  let failures = 0;
  let again = 0;
  let note = null; // "not opened yet", and the verdict it stands in place of
  let shown = at();

  function here() {
    if (turned) return turned;
    const of = (name) => {
      const node = document.querySelector(`[${name}]`);
      return node ? node.getAttribute(name) : "";
    };
    return { task: of("data-scan-task"), wave: of("data-scan-wave") };
  }
  function placeOf(there, printed) {
    const task = /^\/tasks\/(\d+)\//.exec(there.pathname) || (/^\/print\//.test(there.pathname) && [0, printed || ""]);
    const wave = /^\/waves\/(\d+)\//.exec(there.pathname);
    return { task: task ? String(task[1]) : "", wave: wave ? wave[1] : there.searchParams.get("wave") || "" };
  }
  const placed = (verdict) => placeOf(new URL(verdict.go, window.location.href), verdict.task);
  const changed = () => ["work-changed", "queue-changed"].forEach((name) => body.dispatchEvent(new CustomEvent(name, { bubbles: true })));

  // What an answer does to the page; it follows in leave().
  function follow(verdict) {
    heard += 1;
    if (verdict.changed) body.dispatchEvent(new CustomEvent("work-changed", { bubbles: true }));
    if (verdict.reason === "badge") badge = true;
    if (!verdict.go) return;
    const there = new URL(verdict.go, window.location.href);
    if (there.origin !== window.location.origin) return;
    const stays = there.pathname === window.location.pathname;
    if (/^\/print\//.test(there.pathname)) print(there, stays);
    going = stays ? "" : there.pathname + there.search;
    turned = stays ? null : placeOf(there, verdict.task);
    if (stays) body.dispatchEvent(new CustomEvent("work-changed", { bubbles: true }));
  }
  // PRINT prints: the page does so when it is there (print.js), in the form this browser printed last, and comes back.
  function print(there, stays) {
    let form = "";
    try { form = window.localStorage.getItem(FORM) || ""; } catch (_error) { /* the sheet */ }
    if (form && !there.searchParams.has("form")) there.searchParams.set("form", form);
    face.keep("scan-print", { to: there.pathname, back: stays ? "" : going || at() });
    if (stays) document.dispatchEvent(new CustomEvent("scan-print"));
  }
  function go(address) {
    if (going || turning) return; // a scan has led on meanwhile
    const there = new URL(address, window.location.href);
    going = there.pathname + there.search;
    turned = placeOf(there, "");
    scans.pump();
  }
  async function opened(there, anew) {
    try {
      return await scans.turn(there, { anew });
    } catch (error) {
      console.error(error); // half of the page may be there: it is opened as a whole
      return "other";
    }
  }
  async function leave() {
    if (leaving || turning || !(going || badge)) return;
    clearTimeout(again);
    const anew = !going;
    const there = going || at();
    const answers = heard;
    going = "";
    badge = false;
    turning = true;
    const how = await opened(there, anew);
    turning = false;
    if (how === "away") later(there, anew);
    else if (how === "other") assign(going || there);
    else arrived(anew, answers);
  }
  function arrived(anew, answers) {
    failures = 0;
    if (!going) turned = null;
    if (note && face.now() === note.words && note.instead) face.show(note.instead);
    else face.redraw();
    note = null;
    if (anew || answers !== heard) changed();
    scans.pump();
  }
  // Nothing came. The page stays, for an error page of the browser would swallow every scan; it tries until it gets there.
  function later(there, anew) {
    badge = badge || anew;
    if (!anew && !going) going = there;
    again = setTimeout(() => { failures += 1; scans.pump(); }, AGAIN[Math.min(failures, AGAIN.length - 1)]);
    if (note || anew) return;
    const instead = face.now();
    face.show({ tone: "wait", title: words.opening, text: words.openingText });
    note = { words: face.now(), instead };
  }
  function assign(there) {
    leaving = true;
    going = "";
    face.hand();
    document.dispatchEvent(new CustomEvent("scan-leave", { detail: { to: there.split("?")[0] } }));
    window.location.assign(there);
    setTimeout(() => { leaving = false; scans.pump(); }, OPENED_MS); // it did not open: go on here
  }
  window.addEventListener("popstate", () => {
    if (at() === shown) return; // another place of the same page
    going = at();
    turned = placeOf(new URL(going, window.location.href), "");
    scans.pump();
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    leaving = false;
    turned = null;
    scans.pump();
  });

  // A link that is pressed without a connection would open an error page of the browser, which keeps no scans.
  const away = () => !navigator.onLine || document.documentElement.hasAttribute("data-away");
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    const plain = link && !link.target && !link.download && link.origin === window.location.origin && !link.closest("[hx-get], [hx-post]");
    const here = link && link.pathname + link.search === at() && link.hash;
    if (!plain || here || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || !away()) return;
    event.preventDefault();
    face.show({ tone: "wait", title: words.offline, text: words.stays });
  });

  scans.turn = turn;
  scans.road = { here, follow, placed, leave, go, left: () => leaving };
})();
