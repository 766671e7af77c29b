// The print button. Without scripts the browser's own menu does it. A page that the command PRINT has opened prints by
// itself, once, and goes back to the bench afterwards; the size that was chosen last is the one this browser prints.
(() => {
  "use strict";
  const scans = window.boScans || {};
  const FORM = "print-form";
  let back = "";

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
    const size = event.target.closest(".print-forms a");
    if (!size) return;
    try {
      window.localStorage.setItem(FORM, new URL(size.href).searchParams.get("form") || "");
    } catch (_error) {
      // it is not remembered
    }
  });
  function ready() {
    document.querySelectorAll("[data-print]").forEach((button) => { button.hidden = false; });
    const asked = scans.face && scans.face.recall("scan-print");
    if (!asked || asked.to !== window.location.pathname) return;
    scans.face.keep("scan-print", null);
    back = asked.back || back;
    document.fonts.ready.then(() => setTimeout(() => window.print(), 0)); // nothing that scans do waits for the printer
  }
  window.addEventListener("afterprint", () => {
    const there = back;
    back = "";
    if (there && document.querySelector("[data-print]")) scans.road.go(there);
  });
  document.addEventListener("htmx:load", ready);
  document.addEventListener("scan-print", ready);
  ready();
})();
