// The camera as a scanner, where the browser itself can read codes (BarcodeDetector); elsewhere its buttons do not show.
(function () {
  "use strict";
  const scans = (window.boScans = window.boScans || {});
  const dialog = document.getElementById("scan-camera");
  const media = navigator.mediaDevices;
  if (!scans.read || !dialog || !("BarcodeDetector" in window) || !media || !media.getUserMedia) return;
  const WANTED = ["data_matrix", "qr_code", "ean_13", "ean_8", "upc_a", "upc_e", "code_128", "code_39", "itf", "codabar"];
  const LOOK_MS = 120;
  const SAME_MS = 2500; // the same code counts again when it was out of sight for that long
  const OPEN = "scan-camera";
  const video = dialog.querySelector("video");
  const torch = dialog.querySelector("[data-torch]");
  const trouble = dialog.querySelector("[data-trouble]");
  const bar = document.getElementById("scan-bar");
  const home = bar.parentNode;
  const after = bar.nextSibling;
  const seen = new Map();
  let detector = null;
  let stream = null;
  let timer = 0;

  async function prepare() {
    try {
      const able = await window.BarcodeDetector.getSupportedFormats();
      const formats = WANTED.filter((format) => able.includes(format));
      if (!formats.length) return;
      detector = new window.BarcodeDetector({ formats });
    } catch (_error) {
      return;
    }
    document.documentElement.classList.add("has-camera");
    if (scans.face.recall(OPEN)) open(); // a scan led here from the page before: go on
  }
  async function open() {
    if (dialog.open) return;
    dialog.append(bar); // verdicts stand above the page, so above this too
    dialog.showModal();
    trouble.hidden = true;
    try {
      stream = await media.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } } });
    } catch (_error) {
      trouble.hidden = false;
      return;
    }
    if (!dialog.open) return stop();
    video.srcObject = stream;
    video.play().catch(() => {});
    light();
    return look();
  }
  function light() {
    const [track] = stream.getVideoTracks();
    const can = track && track.getCapabilities ? track.getCapabilities() : {};
    torch.hidden = !can.torch;
    torch.setAttribute("aria-pressed", "false");
  }
  async function look() {
    if (!stream) return;
    try {
      (await detector.detect(video)).forEach((found) => take(found.rawValue));
    } catch (_error) {
      // no picture yet
    }
    if (stream) timer = setTimeout(look, LOOK_MS);
  }
  function take(raw) {
    if (!raw) return;
    const now = performance.now();
    const fresh = now - (seen.has(raw) ? seen.get(raw) : -SAME_MS) >= SAME_MS;
    seen.set(raw, now);
    if (fresh) scans.read({ raw });
  }
  function stop() {
    clearTimeout(timer);
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
    seen.clear();
    home.insertBefore(bar, after);
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-camera]")) open();
  });
  torch.addEventListener("click", async () => {
    const on = torch.getAttribute("aria-pressed") !== "true";
    const [track] = stream ? stream.getVideoTracks() : [];
    if (!track) return;
    try {
      await track.applyConstraints({ advanced: [{ torch: on }] });
      torch.setAttribute("aria-pressed", String(on));
    } catch (_error) {
      torch.hidden = true;
    }
  });
  dialog.addEventListener("close", () => { scans.face.keep(OPEN, null); stop(); });
  document.addEventListener("scan-leave", () => { scans.face.keep(OPEN, dialog.open || null); });
  prepare();
})();
