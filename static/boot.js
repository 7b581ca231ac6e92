// Runs before the first paint, so that a chosen theme does not flash in late. Everything else waits in main.js.
try {
  const theme = localStorage.getItem("vqvae-explainer.theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system's theme is used.
}
