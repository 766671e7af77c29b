// Shows the page anew every 15 seconds, unless someone is in the middle of something. Without it the page works as well.
"use strict";
setInterval(() => {
  const busy = document.activeElement && document.activeElement.matches("input, select, textarea");
  const open = document.querySelector("details[open]");
  const selected = window.getSelection() && !window.getSelection().isCollapsed;
  if (!busy && !open && !selected && !document.hidden) location.replace(location.pathname + location.search);
}, 15000);
