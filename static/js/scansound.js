// Sounds and vibration of verdicts, made by the browser; the screen stays on while a shift is on.
// A browser plays nothing before the first touch or key: a scanner's key is one, and so is the start of a shift.
(function () {
  "use strict";
  const scans = (window.boScans = window.boScans || {});
  const MUTED = "scan-muted";
  // tones: frequency in Hz, start and length in seconds
  const SOUNDS = {
    read: { wave: "square", loud: 0.04, tones: [[1900, 0, 0.03]] },
    ok: { wave: "sine", loud: 0.3, tones: [[1047, 0.04, 0.1]] },
    done: { wave: "sine", loud: 0.3, tones: [[784, 0.04, 0.09], [1047, 0.13, 0.09], [1319, 0.22, 0.18]] },
    repeat: { wave: "triangle", loud: 0.3, tones: [[660, 0.04, 0.07], [660, 0.15, 0.07]] },
    opened: { wave: "sine", loud: 0.25, tones: [[523, 0.04, 0.07], [784, 0.12, 0.11]] },
    ask: { wave: "triangle", loud: 0.35, tones: [[740, 0.04, 0.12], [587, 0.18, 0.12], [740, 0.32, 0.12]] },
    error: { wave: "sawtooth", loud: 0.3, tones: [[196, 0.04, 0.18], [147, 0.24, 0.32]] },
  };
  const BUZZ = { ok: [60], done: [60], opened: [60], repeat: [30, 40, 30], ask: [60, 60, 60], error: [60, 60, 60] };
  let context = null;

  const kept = () => {
    try { return window.localStorage.getItem(MUTED) === "1"; } catch (_error) { return false; }
  };
  let muted = kept();

  function ready() {
    const Audio = window.AudioContext || window.webkitAudioContext;
    if (!context && Audio) context = new Audio();
    if (context && context.state === "suspended") context.resume().catch(() => {});
    return context;
  }
  function play(name) {
    const sound = SOUNDS[name];
    if (!sound || muted || !ready() || context.state === "closed") return;
    const now = context.currentTime;
    sound.tones.forEach(([hertz, start, length]) => {
      const voice = context.createOscillator();
      const gain = context.createGain();
      voice.type = sound.wave;
      voice.frequency.value = hertz;
      gain.gain.setValueAtTime(sound.loud, now + start);
      gain.gain.exponentialRampToValueAtTime(0.001, now + start + length);
      voice.connect(gain);
      gain.connect(context.destination);
      voice.start(now + start);
      voice.stop(now + start + length);
    });
  }
  function sound(name) {
    play(name);
    if (BUZZ[name] && navigator.vibrate) navigator.vibrate(BUZZ[name]);
  }
  ["pointerdown", "keydown"].forEach((name) => document.addEventListener(name, ready, { capture: true, once: true }));

  // Muting, in the menu of the person
  function paint() {
    document.querySelectorAll("[data-sound]").forEach((button) => {
      button.hidden = false;
      button.setAttribute("aria-pressed", String(!muted));
    });
  }
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-sound]")) return;
    muted = !muted;
    try {
      if (muted) window.localStorage.setItem(MUTED, "1");
      else window.localStorage.removeItem(MUTED);
    } catch (_error) {
      // it is kept for this page only
    }
    paint();
    play("ok");
  });
  window.addEventListener("storage", (event) => {
    if (event.key === MUTED) { muted = kept(); paint(); }
  });
  paint();

  // The screen stays on during a shift; the browser lets go whenever the page is hidden.
  let lock = null;
  async function stayAwake() {
    const wanted = document.body.dataset.shift === "1" && !document.hidden && navigator.wakeLock;
    if (!wanted || (lock && !lock.released)) return;
    try {
      lock = await navigator.wakeLock.request("screen");
    } catch (_error) {
      lock = null; // a battery that is low, or no leave: the screen goes off as it always did
    }
  }
  document.addEventListener("visibilitychange", stayAwake);
  stayAwake();

  scans.sound = sound;
})();
