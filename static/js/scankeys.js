// A scanner is a keyboard that types faster than people. What it types is a scan wherever the focus is: it is taken out of
// the field it fell into, its Enter presses nothing, and its keys are known by their places, whatever the layout makes of them.
(function () {
  "use strict";
  const scans = (window.boScans = window.boScans || {});
  if (!scans.read) return;
  const GAP = 50; // ms between two keys of a scanner
  const LEAST = 3; // keys of a scan that ends with Enter or Tab
  const SURE = 6; // keys of one that ends by silence, or that fell into another field: nobody types six that fast
  const SILENCE = 120; // ms without a key that end a scan of six, whether or not an Enter is to come
  const REST = 400; // after that long another reading begins
  const LONG_REST = 1500; // in the scan field, where a short piece before it may be its beginning: radio falters
  const ALONE = ["KeyU", "Slash"]; // undo and help: one of them, a rest, and then a scan are two things
  const AFTER = 300; // the second half of CR LF, an Enter that comes late
  const SUFFIX = "scan-suffix";
  const GS = "\x1d";

  // Keys by their places: the US layout, plain and shifted ---------------------------------------------------------------
  const PAIRS = {
    Backquote: "`~", Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|", Semicolon: ";:",
    Quote: "'\"", Comma: ",<", Period: ".>", Slash: "/?", Space: "  ",
  };
  ")!@#$%^&*(".split("").forEach((shifted, digit) => { PAIRS["Digit" + digit] = digit + shifted; });
  "abcdefghijklmnopqrstuvwxyz".split("").forEach((letter) => {
    PAIRS["Key" + letter.toUpperCase()] = letter + letter.toUpperCase();
  });
  const cased = (char) => char.toLowerCase() !== char.toUpperCase();
  const isUpper = (char) => cased(char) && char === char.toUpperCase();
  function physical(key) {
    const pair = PAIRS[key.code];
    if (!pair || key.char === GS) return key.char;
    return pair[key.shift || (!key.caps && isUpper(key.char)) ? 1 : 0];
  }
  function moved(key) { // whether the layout, or Caps Lock, made something else of it
    const pair = PAIRS[key.code];
    if (!pair || key.char === GS) return false;
    return key.caps && cased(pair[0]) ? key.char !== physical(key) : !pair.includes(key.char);
  }
  const keysOf = (keys) => (keys.some(moved) ? keys.map(physical).join("") : "");

  // Where it falls -------------------------------------------------------------------------------------------------------
  const NO_TEXT = ["checkbox", "radio", "button", "submit", "reset", "image", "file", "range", "color"];
  const writes = (node) => node.matches && node.matches("input, textarea, select, [contenteditable]") && !NO_TEXT.includes(node.type);
  // These are asked for a code themselves: a scan into them is theirs, with its Enter.
  const welcomes = (node) => node.matches && node.matches("[data-scan-into], dialog [name=raw], [name=number]");
  const isScanField = (node) => node.matches && node.matches("[data-scan]");
  const field = () => document.querySelector('[data-scan="main"]') || document.querySelector("[data-scan]");
  const asking = () => document.querySelector("dialog[open]:not([data-scan-own])");

  // Keys since the last rest: {keys, last, quick, tail, rest, node, before}; the last `tail` came without one, after `rest` ms.
  let run = null;
  let timer = 0;
  let ended = -AFTER; // when the last scan was taken
  let suffix = ""; // whether this scanner sends Enter: "yes", "no" or not known yet
  try { suffix = window.localStorage.getItem(SUFFIX) || ""; } catch (_error) { /* asked anew on every page */ }

  function learn(value) {
    if (suffix === value) return;
    suffix = value;
    try { window.localStorage.setItem(SUFFIX, value); } catch (_error) { /* as above */ }
  }
  // How long a scan without an end is waited for. An Enter that comes after it is swallowed all the same.
  const pause = () => scans.silence || SILENCE;
  const silence = () => (suffix === "no" ? GAP : pause());

  function begin(event) {
    const target = event.target;
    let node = writes(target) ? target : null;
    if (!node && !asking() && field()) {
      node = field();
      node.focus({ preventScroll: true }); // the key itself then lands there
    }
    const at = (name) => { try { return node[name]; } catch (_error) { return null; } };
    const before = node && { value: node.value, start: at("selectionStart"), end: at("selectionEnd") };
    return { keys: [], quick: 0, tail: 0, rest: 0, last: 0, alt: "", node, before };
  }
  const foreign = () => Boolean(run.node) && !isScanField(run.node);
  const mostlyQuick = () => run.quick >= 0.75 * (run.keys.length - 1);
  function stray() { // how many keys before the scan are none of it
    const alone = run.keys.length - run.tail === 1 && ALONE.includes(run.keys[0].code);
    return alone && run.tail >= SURE && run.rest > pause() ? 1 : 0;
  }
  const whole = () => run.tail >= SURE && (mostlyQuick() || stray() > 0);
  // By the clock of the keys themselves, which a busy page does not hold up.
  function split(gap) {
    if (whole() && gap > silence()) finish("silence");
    else if (gap > (foreign() ? REST : LONG_REST)) close();
  }
  function push(event, char) {
    const now = event.timeStamp;
    if (run && run.keys.length) split(now - run.last);
    if (!run) run = begin(event);
    const rest = run.keys.length ? now - run.last : 0;
    if (run.keys.length && rest <= GAP) run.quick += 1;
    else Object.assign(run, { tail: 0, rest });
    run.tail += 1;
    run.last = now;
    run.keys.push({ char, code: event.code, shift: event.shiftKey, caps: Boolean(event.getModifierState && event.getModifierState("CapsLock")) });
    clearTimeout(timer);
    timer = setTimeout(() => { if (run && whole()) finish("silence"); }, silence() + 5);
  }
  function close() { // a person typed it: a choice that was held back is made now
    clearTimeout(timer);
    const old = run;
    run = null;
    if (old && old.held) old.node.dispatchEvent(new Event("change", { bubbles: true }));
  }
  function restore({ node, before }) {
    if (!node || node.value === undefined || node.value === before.value) return;
    node.value = before.value;
    try { node.setSelectionRange(before.start, before.end); } catch (_error) { /* no text field */ }
    if (node.nodeName !== "SELECT") node.dispatchEvent(new Event("input", { bubbles: true }));
  }
  function finish(how, now) {
    const done = run;
    done.keys.splice(0, stray());
    clearTimeout(timer);
    run = null;
    ended = now || performance.now();
    learn(how === "key" ? "yes" : "no");
    restore(done);
    const raw = done.keys.map((key) => key.char).join("");
    const dialog = asking();
    if (dialog) closeFirst(dialog);
    else scans.read({ raw: raw.slice(0, 600), keys: keysOf(done.keys).slice(0, 600) });
  }
  // A question is open over the page: the scan presses nothing in it, and answers nothing.
  function closeFirst(dialog) {
    const old = dialog.querySelector(".scan-first");
    const note = old || document.createElement("p");
    note.className = "scan-first";
    note.setAttribute("role", "alert");
    note.textContent = scans.face.words.closeFirst;
    if (!old) dialog.prepend(note);
    scans.sound("error");
  }
  document.addEventListener("close", (event) => {
    const note = event.target.querySelector && event.target.querySelector(".scan-first");
    if (note) note.remove();
  }, true);

  // Keys -----------------------------------------------------------------------------------------------------------------
  const MODIFIERS = ["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock"];
  const stop = (event) => { event.preventDefault(); event.stopImmediatePropagation(); };
  const inRun = (event) => Boolean(run) && event.timeStamp - run.last <= LONG_REST;
  function onEnd(event) {
    const now = event.timeStamp;
    const least = run && foreign() ? SURE : LEAST;
    if (inRun(event) && now - run.last <= AFTER && run.keys.length >= least && mostlyQuick()) {
      stop(event);
      finish("key", now);
    } else if (now - ended <= AFTER) {
      stop(event);
      learn("yes"); // the silence before it was too short for this scanner
    } else {
      close();
    }
  }
  const endsRun = (event) => ["Enter", "Tab"].includes(event.key) && !event.ctrlKey && !event.altKey;
  const isSeparator = (event) => (event.ctrlKey && event.code === "BracketRight") || event.key === GS || (event.key === "F8" && inRun(event));
  function onSeparator(event) { // a text field would drop it
    stop(event);
    push(event, GS);
    const node = run.node;
    if (node && isScanField(node) && document.activeElement === node) node.setRangeText(GS, node.selectionStart, node.selectionEnd, "end");
  }
  function onControl(event) { // control characters of a scanner: CR and LF end a scan, the others open no window of the browser
    if (!inRun(event) || event.timeStamp - run.last > GAP) return;
    if (event.code === "KeyM" || event.code === "KeyJ") onEnd(event);
    else event.preventDefault();
  }
  function onText(event) {
    if (event.repeat) return close(); // a key that is held down
    const inField = writes(event.target);
    const space = event.key === " ";
    if (space && !inField && !(inRun(event) && event.timeStamp - run.last <= GAP)) return undefined; // it presses the focused button
    if (space && !inField) event.preventDefault();
    return push(event, event.key === "Dead" ? (PAIRS[event.code] || "''")[event.shiftKey ? 1 : 0] : event.key);
  }
  function onWelcome(event) {
    close();
    if (!isSeparator(event)) return;
    event.preventDefault();
    event.target.setRangeText(GS, event.target.selectionStart, event.target.selectionEnd, "end");
  }
  function onKey(event) {
    if (event.target.type === "password") return close(); // nobody scans into it, and what is typed there is not looked at
    if (event.isComposing || event.keyCode === 229) return undefined;
    if (run && MODIFIERS.includes(event.key)) {
      if (event.timeStamp - run.last <= GAP) run.last = event.timeStamp;
      return undefined;
    }
    if (MODIFIERS.includes(event.key)) return undefined;
    if (welcomes(event.target)) return onWelcome(event);
    if (endsRun(event)) return onEnd(event);
    if (isSeparator(event)) return onSeparator(event);
    if (event.altKey && /^Numpad\d$/.test(event.code)) return onAltDigit(event);
    if (event.ctrlKey && !event.altKey) return onControl(event);
    if (event.metaKey || (event.altKey && !event.getModifierState("AltGraph"))) return undefined;
    if (event.key.length === 1 || event.key === "Dead") return onText(event);
    return close(); // arrows, Backspace, Escape: a person
  }
  // Alt and three or four digits of the number block: scanners that trust no layout send every character like that.
  function onAltDigit(event) {
    if (!run) run = begin(event);
    run.last = run.last || event.timeStamp;
    run.alt += event.code.slice(-1);
  }
  document.addEventListener("keyup", (event) => {
    if (event.key !== "Alt" || !run || !run.alt) return;
    const char = String.fromCharCode(Number(run.alt) & 127);
    run.alt = "";
    if (!run.keys.length) run.last = event.timeStamp;
    push({ timeStamp: event.timeStamp, code: "", shiftKey: false, target: event.target }, char);
  }, true);
  document.addEventListener("keydown", onKey, true);

  // The first keys of a scan change the choice of a focused list: nobody hears of it until it is known who typed.
  ["input", "change"].forEach((name) => document.addEventListener(name, (event) => {
    if (!run || run.node !== event.target || event.target.nodeName !== "SELECT") return;
    event.stopImmediatePropagation();
    run.held = true;
    setTimeout(() => { if (run && run.held) close(); }, REST + 5);
  }, true));
  scans.rest = close; // what was pressed so far was meant for something else, and begins no scan
})();
