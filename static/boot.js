// Runs before the first paint. Everything else waits in main.js.

// A chosen theme does not flash in late.
try {
  const theme = localStorage.getItem("vqvae-explainer.theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system's theme is used.
}

// An exported page's default model loads while main.js does, unless the address names another.
if (!/[#&]model=/.test(location.hash)) {
  for (const link of document.querySelectorAll("link[data-preload]")) link.setAttribute("rel", "preload");
}
