// Sets the theme before the first paint. The server knows light and dark; "auto" follows the system and its changes.
(function () {
  "use strict";
  const root = document.documentElement;
  const cookie = /(?:^|;\s*)theme=(auto|light|dark)/.exec(document.cookie);
  const choice = root.dataset.themeChoice || (cookie ? cookie[1] : "auto");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  function paint() {
    const theme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
    root.dataset.bsTheme = theme;
    root.dataset.theme = theme; // the admin reads this one
  }
  paint();
  dark.addEventListener("change", paint);
})();
