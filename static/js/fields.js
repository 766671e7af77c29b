// The list of all fields gets shorter while somebody types; nothing leaves the page. Without JavaScript all fields stand there.
(function () {
  "use strict";
  document.documentElement.classList.add("scripted");
  const filter = document.querySelector("[data-fields-filter]");
  const rows = [...document.querySelectorAll("[data-field]")];
  const words = new Map(rows.map((row) => [row, row.textContent.toLocaleLowerCase()]));
  if (!filter) return;
  filter.addEventListener("input", () => {
    const wanted = filter.value.trim().toLocaleLowerCase();
    rows.forEach((row) => { row.hidden = wanted !== "" && !words.get(row).includes(wanted); });
    document.querySelectorAll("[data-fields-none]").forEach((none) => {
      none.hidden = [...none.closest("section").querySelectorAll("[data-field]")].some((row) => !row.hidden);
    });
  });
})();
