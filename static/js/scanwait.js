// How many scans wait for the server: a chip that is always in sight, and a dialog that says what can be done about it.
(function () {
  "use strict";
  const scans = (window.boScans = window.boScans || {});
  const { store, face } = scans;
  const chip = document.getElementById("scan-wait");
  const dialog = document.getElementById("scan-waiting");
  if (!store || !chip) return;
  const user = document.body.dataset.user;
  const words = face.words;
  const plural = new Intl.PluralRules(document.documentElement.lang);
  let rows = [];
  let shown = { state: "", signIn: "", stuck: "" };

  // The server gave the sentence for 1, 2 and 5; the language says which of them goes with a number.
  function counted(name, n) {
    const form = { one: "One", two: "Few", few: "Few" }[plural.select(n)] || "Many";
    return (words[name + form] || "").replace(/\d+/, String(n));
  }
  const mine = (aside) => rows.filter((scan) => scan.user === user && Boolean(scan.aside) === aside);
  const own = () => mine(false);
  const aside = () => mine(true);
  const left = () => rows.filter((scan) => scan.user !== user);
  const visible = () => own().length > 0 && shown.state !== "";

  function waiting(all, how) {
    rows = all;
    shown = how;
    const others = left().length;
    const lines = [];
    if (visible()) lines.push(counted("wait", own().length));
    if (visible() && shown.state === "over") lines.push(words.signInAgain);
    if (visible() && shown.stuck) lines.push(words.stuck);
    if (aside().length) lines.push(counted("aside", aside().length));
    if (others) lines.push(counted("left", others));
    chip.hidden = lines.length === 0;
    chip.querySelector("span").textContent = lines.join(" · ");
    chip.dataset.count = String(own().length);
    if (dialog.open) fill();
    if (leaving.open) depart();
  }

  // The dialog -------------------------------------------------------------------------------------------------------
  function row(scan) {
    const item = document.createElement("li");
    const time = document.createElement("time");
    const code = document.createElement("span");
    time.textContent = new Date(scan.at).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "medium" });
    code.className = "code";
    code.textContent = (scan.keys || scan.raw).replaceAll("\x1d", "<GS>");
    item.append(time, " ", code);
    return item;
  }
  function part(name, scansOf) {
    const place = dialog.querySelector(`[data-part="${name}"]`);
    place.hidden = scansOf.length === 0;
    place.querySelector("ol").replaceChildren(...scansOf.map(row));
  }
  function fill() {
    part("own", own());
    part("aside", aside());
    part("left", left());
    dialog.querySelector("[data-stuck]").hidden = !own().some((scan) => scan.nonce === shown.stuck);
    dialog.querySelector("[data-sign-in]").hidden = shown.state !== "over";
    dialog.querySelector("[data-sign-in]").href = there();
    dialog.querySelector("[data-send-now]").hidden = shown.state === "over" || own().length === 0;
  }
  function there() {
    const address = new URL(shown.signIn || words.signIn, window.location.href);
    if (!address.searchParams.has("next")) address.searchParams.set("next", window.location.pathname);
    return address.pathname + address.search;
  }
  // For a manager: what was scanned, when and where, as a table.
  function save(list) {
    const line = (scan) => [new Date(scan.at).toISOString(), scan.task, scan.wave, scan.keys || scan.raw].map(cell).join(";");
    const table = "\ufeff" + ["time;task;wave;scan", ...list.map(line)].join("\r\n") + "\r\n";
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([table], { type: "text/csv" }));
    link.download = "scans.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
  const cell = (value) => `"${String(value || "").replace(/^[=+\-@]/, "'$&").replaceAll('"', '""')}"`;

  chip.addEventListener("click", () => { fill(); dialog.showModal(); });
  dialog.addEventListener("click", async (event) => {
    if (event.target.closest("[data-send-now]")) {
      dialog.close();
      scans.pump();
    } else if (event.target.closest("[data-set-aside]")) {
      await scans.setAside(shown.stuck);
    } else if (event.target.closest("[data-aside-again]")) {
      dialog.close();
      await scans.retry(aside().map((scan) => scan.nonce));
    } else if (event.target.closest("[data-aside-discard]")) {
      await store.drop(aside().map((scan) => scan.nonce));
      scans.tell();
    } else if (event.target.closest("[data-save]")) {
      save(left());
    } else if (event.target.closest("[data-discard]")) {
      await store.drop(left().map((scan) => scan.nonce));
      dialog.close();
      scans.tell();
    }
  });

  // Signing out makes the browser forget everything, also what waits. So nobody is signed out while scans wait, unless
  // they are sent first, or given up in so many words.
  const leaving = document.getElementById("scan-leaving");
  let out = null; // the form that signs out
  let sending = false;
  const kept = () => [...own(), ...aside()];
  window.addEventListener("submit", (event) => { // before the form counts as sent
    if (!event.target.matches("[data-sign-out]") || !kept().length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    out = event.target;
    sending = false;
    depart();
    if (!leaving.open) leaving.showModal();
  }, true);
  function depart() { // what the question says now; goes when nothing is left to send
    const lines = [own().length && counted("wait", own().length), aside().length && counted("aside", aside().length)];
    leaving.querySelector("[data-what]").textContent = lines.filter(Boolean).join(" · ");
    leaving.querySelector("[data-sending]").hidden = !sending;
    leaving.querySelector("[data-leave-send]").disabled = sending;
    if (!sending || kept().length) return;
    sending = false;
    leaving.close();
    out.requestSubmit();
  }
  document.addEventListener("scans-sent", (event) => {
    if (!sending) return;
    event.preventDefault();
    scans.tell();
  });
  leaving.addEventListener("close", () => { sending = false; });
  leaving.addEventListener("click", async (event) => {
    if (event.target.closest("[data-leave-send]")) {
      sending = true;
      depart();
      await scans.retry(aside().map((scan) => scan.nonce));
    } else if (event.target.closest("[data-leave-save]")) {
      save(kept());
    } else if (event.target.closest("[data-leave-drop]")) {
      await store.drop(kept().map((scan) => scan.nonce));
      sending = true;
      await scans.tell();
    }
  });

  scans.waiting = waiting;
  scans.tell();
})();
