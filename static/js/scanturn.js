// Goes to another page of work without leaving this one: a browser drops keys while it changes documents, and with them scans.
// Only pages that take scans themselves ([data-scan-task], [data-scan-wave]) are opened so; their scripts listen at the document
// or to htmx:load. Everything else, and whatever goes wrong, is an ordinary change of page.
(function () {
  "use strict";
  const scans = (window.boScans = window.boScans || {});
  const files = (page, what) => new Map([...page.head.querySelectorAll(what)].map((node) => [node.href || node.src, node]));

  // The same person, and the same mark of training: a page of the other kind is opened as a whole.
  function same(page) {
    const mark = (of) => { const bar = of.querySelector(".training-bar"); return bar ? bar.className : ""; };
    return page.body.dataset.user === document.body.dataset.user && mark(page) === mark(document);
  }
  async function read(address) {
    try {
      const response = await fetch(address, { headers: { Accept: "text/html" }, redirect: "error" });
      if (!response.ok || response.headers.get("X-Sign-In")) return null;
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const works = page.querySelector("#main [data-scan-task], #main [data-scan-wave]");
      return works && same(page) ? page : null;
    } catch (_error) {
      return null;
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
  function replace(page) {
    [".rail", ".bottom", "#page-dialogs"].forEach((which) => {
      const [old, fresh] = [document.querySelector(which), page.querySelector(which)];
      if (!old || !fresh) return;
      old.replaceWith(document.adoptNode(fresh));
      window.htmx.process(fresh);
    });
    document.title = page.title;
    document.body.className = page.body.className;
    document.body.setAttribute("hx-headers", page.body.getAttribute("hx-headers"));
    const main = document.getElementById("main");
    const how = { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 };
    window.htmx.swap(main, page.getElementById("main").outerHTML, how, { eventInfo: { target: main, elt: main } });
  }
  // True when the page is there; the address is its own.
  async function turn(address) {
    const page = window.htmx ? await read(address) : null;
    if (!page || document.querySelector("dialog[open]:not([data-scan-own])")) return false;
    await dress(page);
    window.history.pushState({ scan: true }, "", address);
    replace(page);
    animate(page);
    window.scrollTo(0, 0);
    return true;
  }
  window.addEventListener("popstate", () => window.location.reload());
  scans.turn = turn;
})();
