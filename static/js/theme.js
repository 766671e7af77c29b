// Sets the theme before the first paint. The server knows light and dark; "auto" follows the system and its changes.
(function () {
  "use strict";
  const root = document.documentElement;
  const cookie = /(?:^|;\s*)theme=(auto|light|dark)/.exec(document.cookie);
  const choice = root.dataset.themeChoice || (cookie ? cookie[1] : "auto");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const BARS = { light: "#ffffff", dark: "#19202b" }; // the browser's own bars beside ours
  function paint() {
    const theme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
    root.dataset.bsTheme = theme;
    root.dataset.theme = theme; // the admin reads this one
    document.querySelectorAll("[data-theme-color]").forEach((bar) => {
      bar.content = BARS[choice === "auto" ? bar.dataset.themeColor : theme];
    });
  }
  paint();
  dark.addEventListener("change", paint);
})();
