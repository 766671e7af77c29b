// Sends scans to the server: in the order they were made, one at a time, each until it is answered and each answered once.
//
// A scan says where it was made: the task and the wave of the page. But a scan may itself lead elsewhere (the sheet of the
// next task), and those that were shot after it, before the page could follow, are meant for there. So an answer that leads
// to another page turns all later scans of the same chain, and the page follows when nothing is left to send. A chain is
// what pages of one window share as long as only scans lead from one to the next; a page opened by hand begins another one.
// After a sheet that was refused nobody knows what the scans after it were meant for: they are sent without a task.
(function () {
  "use strict";
  const scans = (window.boScans = window.boScans || {});
  const { store, face, road } = scans;
  const body = document.body;
  const user = body.dataset.user;
  if (!store || !road || !user) return;
  const words = face.words;
  const WAITS = [1000, 2000, 5000, 10000]; // between attempts while the server is away
  const PATIENCE = 15000; // for one answer
  const SLOW = 1500; // an answer that takes longer is told about
  const TRIES = 5; // answers 5xx to one scan, before a person may set it aside
  const SHOWN = 6; // characters of a code that waits
  const SIGN = /^BO-(T-|W-|C-NEXT)/i; // codes of ours that lead elsewhere

  const random = () => [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
  const PAGE = random();
  const chain = chained();
  const radio = window.BroadcastChannel ? new BroadcastChannel("scans") : null;
  let state = ""; // "", "away" or "over" (the session)
  let signIn = words.signIn;
  let failures = 0;
  let again = 0;
  let running = false;
  let asked = false;
  let head = { nonce: "", tries: 0, stuck: false }; // the scan the server fails on
  const sent = new Set(); // nonces that the server may have heard
  const tried = new Set(); // and of those the ones it has not answered

  function chained() {
    const trail = face.recall("scan-trail");
    const navigation = performance.getEntriesByType("navigation")[0];
    const same = trail && (trail.to === window.location.pathname || (navigation && navigation.type === "reload"));
    const mine = same ? trail.chain : random();
    face.keep("scan-trail", { chain: mine, to: "" });
    return mine;
  }
  const effective = (scan) => scan.keys || scan.raw;

  // Reading ----------------------------------------------------------------------------------------------------------
  // A scan: {raw, keys, typed}. A page with work of its own for scans listens to "scan" and prevents its default.
  // Resolves to whether the scan is in safe hands.
  function read(shot) {
    const event = new CustomEvent("scan", { detail: shot, cancelable: true });
    if (!document.dispatchEvent(event)) return Promise.resolve(true);
    if (!words.works) return Promise.resolve(seek(shot));
    scans.sound("read");
    face.stale();
    const scan = {
      nonce: random(), raw: shot.raw, keys: shot.keys || "", typed: shot.typed ? "1" : "", at: Date.now(),
      ...road.here(), user, page: PAGE, chain,
    };
    if (!store.keeps(shot)) return passing(scan);
    if (state) unconfirmed(scan);
    return store.add(scan).then(() => { pump(); if (state) tell(); return true; });
  }
  // May be a name, a phone, a card: sent at once and never written down. A scan has its place in the order, though.
  function passing(scan) {
    if (scan.typed) return direct(words.answer, values(scan), { secret: true });
    const send = () => direct(words.answer, values({ ...scan, ...road.here() }), { secret: true, lost: words.notKept });
    return running ? alone(send) : send();
  }
  // Who may not work on tasks looks them up: the field of the head, as if typed.
  function seek(shot) {
    const field = document.querySelector(".seek [data-scan]");
    if (!field) return false;
    field.value = shot.keys || shot.raw;
    field.form.requestSubmit();
    return true;
  }
  function unconfirmed(scan) {
    const text = state === "over" ? words.overText : words.awayText;
    face.show({ tone: "wait", title: words.unconfirmed, code: tail(scan), text, drop: sent.has(scan.nonce) ? "" : scan.nonce });
  }
  function tail(scan) { // enough of it to tell which label it was
    const code = effective(scan).replaceAll("\x1d", "");
    return code.length > SHOWN + 2 ? "…" + code.slice(-SHOWN) : code;
  }

  // Sending ----------------------------------------------------------------------------------------------------------
  const values = (scan) => ({
    nonce: scan.nonce, raw: scan.raw, keys: scan.keys, at: scan.at, task: scan.task, wave: scan.wave, typed: scan.typed,
    replay: tried.has(scan.nonce) || scan.page !== PAGE ? "1" : "",
  });
  function token() {
    try { return JSON.parse(body.getAttribute("hx-headers"))["X-CSRFToken"]; } catch (_error) { return ""; }
  }
  async function post(url, fields) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), PATIENCE);
    try {
      const response = await fetch(url, {
        method: "POST", body: new URLSearchParams(fields), redirect: "manual", signal: abort.signal,
        headers: { "X-CSRFToken": token(), "X-Scan": "1", Accept: "application/json" },
      });
      const told = (response.headers.get("Content-Type") || "").startsWith("application/json");
      const data = told ? await response.json() : null;
      return { status: response.type === "opaqueredirect" ? 401 : response.status, data };
    } catch (_error) {
      return { status: 0, data: null };
    } finally {
      clearTimeout(timer);
    }
  }
  // Signing in anew gives pages a new token: it is read from this page, as it would be now. False: not ours to send.
  async function renew() {
    try {
      const response = await fetch(window.location.href, { headers: { Accept: "text/html" } });
      if (!response.ok || response.headers.get("X-Sign-In")) return false;
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (!page.body.dataset.user) return false;
      if (page.body.dataset.user !== user) {
        window.location.reload(); // somebody else is signed in at this browser now
        return false;
      }
      body.setAttribute("hx-headers", page.body.getAttribute("hx-headers"));
      return true;
    } catch (_error) {
      return false;
    }
  }
  async function ask(url, fields) {
    const result = await post(url, fields);
    return result.status === 403 && !result.data && (await renew()) ? post(url, fields) : result;
  }
  // The verdict on a scan; nothing while it has to wait: no server, no session, or something between that is not ours.
  function verdictOf({ status, data }, nonce) {
    if (status === 200 && data && data.title && (!data.nonce || data.nonce === nonce)) return data;
    if (status >= 400 && status < 500 && status !== 401 && data && data.title) return refusal(data.title, data.text);
    if ([400, 413, 422].includes(status)) return refusal(words.refused, words.refusedText);
    return null;
  }
  const refusal = (title, text) => ({ tone: "bad", sound: "error", title, text: text || "" });

  async function pump() {
    asked = true;
    if (running || road.left()) return;
    running = true;
    clearTimeout(again);
    let empty = false;
    while (asked && !road.left()) {
      asked = false;
      empty = await alone(drain);
    }
    running = false;
    const stays = empty && !document.dispatchEvent(new CustomEvent("scans-sent", { cancelable: true })); // somebody signs out
    if (empty && !stays) road.leave();
  }
  // One window sends at a time; where the browser cannot tell windows apart, the server knows a scan by its nonce.
  const alone = (work) => (navigator.locks ? navigator.locks.request("scans", work) : work());
  const mine = async () => (await store.all()).filter((scan) => scan.user === user && !scan.aside);

  async function drain() { // true when nothing is left
    let told = false;
    for (let rows = await mine(); rows.length && !road.left(); rows = await mine()) {
      const [scan] = rows;
      const slow = setTimeout(() => { told = true; tell("slow"); }, SLOW);
      sent.add(scan.nonce);
      const result = await ask(words.answer, values(scan));
      clearTimeout(slow);
      const verdict = verdictOf(result, scan.nonce);
      if (!verdict) {
        if (!road.left()) await wait(scan, result);
        return false;
      }
      told = told || Boolean(state) || scan.page !== PAGE;
      const turn = answered(scan, verdict, rows.length > 1); // on the screen before anything else is waited for
      await store.done(scan.n, turn);
      if (told) tell(rows.length > 1 ? "sending" : "");
    }
    return !road.left();
  }
  async function wait(scan, result) {
    const news = !state;
    await count(scan, result);
    tried.add(scan.nonce);
    state = result.status === 401 || result.status === 403 ? "over" : "away";
    if (state === "away") document.dispatchEvent(new CustomEvent("server-away"));
    if (result.data && result.data.sign_in) signIn = result.data.sign_in;
    clearTimeout(again);
    again = setTimeout(() => { failures += 1; pump(); }, WAITS[Math.min(failures, WAITS.length - 1)]); // a scan tries at once
    if (news) unconfirmed(scan);
    tell();
  }

  // The server fails on this scan again and again, and answers otherwise: the scans behind it need not wait for ever.
  async function count(scan, result) {
    if (head.nonce !== scan.nonce) head = { nonce: scan.nonce, tries: 0, stuck: false };
    if (result.status < 500) return;
    head.tries += 1;
    head.stuck = head.tries >= TRIES && (await alive());
  }
  const alive = () => fetch(window.location.href, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(PATIENCE) })
    .then((response) => response.ok, () => false);
  async function setAside(nonce) {
    await alone(async () => {
      const scan = (await mine()).find((each) => each.nonce === nonce);
      if (!scan) return;
      await store.aside(scan.n, SIGN.test(effective(scan)) ? { chain: scan.chain, task: "", wave: "" } : null);
      const verdict = refusal(words.asideTitle, words.asideText);
      face.show(verdict);
      face.note(verdict, `aside-${nonce}`, scan.at);
    });
    resume();
  }
  async function retry(nonces) {
    await store.retry(nonces);
    resume();
  }
  function resume() {
    state = "";
    failures = 0;
    head = { nonce: "", tries: 0, stuck: false };
    tell();
    pump();
  }

  // Answers ----------------------------------------------------------------------------------------------------------
  // Shows it and returns where it turns the scans after it, if anywhere. Nothing in here waits.
  function answered(scan, verdict, more) {
    const replayed = Boolean(state) || scan.page !== PAGE;
    if (state) document.dispatchEvent(new CustomEvent("server-back"));
    state = "";
    failures = 0;
    tried.delete(scan.nonce);
    if (face.known(scan.nonce)) return turnOf(scan, verdict); // its answer was seen, only the queue had not heard of it
    if (scan.chain === chain) present(scan, verdict, more || replayed);
    else aside(scan, verdict);
    return turnOf(scan, verdict);
  }
  function present(scan, verdict, hurried) {
    face.show(verdict);
    face.note(verdict, scan.nonce, scan.at);
    scans.sound(verdict.sound);
    if (verdict.tone === "bad" && hurried) toast(scan, verdict); // the next verdict takes it off the screen at once
    road.follow(verdict);
  }
  // Shot in another window, or on a page that was left by hand: told, and nothing here moves.
  function aside(scan, verdict) {
    face.note(verdict, scan.nonce, scan.at);
    toast(scan, verdict);
    if (radio) radio.postMessage({ scan: { nonce: scan.nonce, at: scan.at, chain: scan.chain }, verdict });
  }
  function toast(scan, verdict) {
    const time = new Date(scan.at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    face.toast(`${time} · ${verdict.title}. ${verdict.text || ""}`, verdict.tone === "bad" ? "error" : "info");
  }
  function turnOf(scan, verdict) {
    const lost = verdict.tone === "bad" && SIGN.test(effective(scan)); // nobody knows what the scans after it are meant for
    if (lost) return { chain: scan.chain, task: "", wave: "" };
    if (!verdict.go) return null;
    return { chain: scan.chain, ...road.placed(verdict) };
  }
  document.addEventListener("scan-leave", (event) => face.keep("scan-trail", { chain, to: event.detail.to }));

  // Decisions and undo: at once, never from the queue ------------------------------------------------------------------
  async function direct(url, fields, { secret = false, lost = words.offlineText } = {}) {
    const nonce = fields.nonce;
    const result = await ask(url, fields);
    const verdict = verdictOf(result, nonce);
    if (!verdict) {
      face.show({ tone: "bad", title: words.offline, text: lost, secret });
      scans.sound("error");
      if (result.status === 401) { state = "over"; tell(); }
      return false;
    }
    face.show({ ...verdict, secret });
    if (!secret) face.note(verdict, nonce, Date.now());
    scans.sound(verdict.sound);
    road.follow(verdict);
    if (!running) road.leave();
    return true;
  }
  async function undo(scan) {
    const rows = await mine();
    if (!scan && rows.length) { // the last one has not been answered: there is nothing to take back on the server
      const last = rows[rows.length - 1];
      if (!sent.has(last.nonce) && last.page === PAGE) drop(last.nonce);
      return;
    }
    direct(words.undo, { nonce: random(), ...(scan ? { scan } : {}) });
  }
  const decide = (scan) => direct(words.answer, { nonce: random(), raw: "", at: Date.now(), ...road.here(), again: scan });
  async function drop(nonce) {
    await store.drop([nonce]);
    face.show({ tone: "info", title: words.dropped });
    tell();
  }
  document.addEventListener("click", (event) => {
    const by = (name) => event.target.closest(`[data-scan-${name}]`);
    if (by("undo")) undo(by("undo").dataset.scanUndo);
    else if (by("again")) decide(by("again").dataset.scanAgain);
    else if (by("drop")) drop(by("drop").dataset.scanDrop);
  });

  // What waits -------------------------------------------------------------------------------------------------------
  const stuck = () => (state && head.stuck ? head.nonce : "");
  async function tell(how) {
    if (scans.waiting) scans.waiting(await store.all(), { state: state || how || "", signIn, stuck: stuck() });
    if (radio && !how) radio.postMessage({ queue: true });
  }
  if (radio) {
    radio.onmessage = async ({ data }) => {
      if (data.verdict && data.scan.chain === chain && !face.known(data.scan.nonce)) {
        present(data.scan, data.verdict, false);
        if (!running) road.leave();
      } else if (data.queue && scans.waiting) {
        scans.waiting(await store.all(), { state, signIn, stuck: stuck() });
      }
    };
  }
  function soon() {
    failures = 0;
    if (!document.hidden) pump();
  }
  window.addEventListener("online", soon);
  window.addEventListener("focus", soon);
  document.addEventListener("visibilitychange", soon);
  Object.assign(scans, { works: Boolean(words.works), read, undo, decide, pump, tell, setAside, retry });
  tell();
  pump();
})();
