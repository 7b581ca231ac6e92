// Runs before the first paint. Everything else waits in main.js.
{
  /** @param {string} name */
  const stored = (name) => {
    try {
      return localStorage.getItem(`vqvae-explainer.${name}`);
    } catch {
      return null; // without storage the defaults are used
    }
  };

  // A chosen theme does not flash in late.
  const theme = stored("theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;

  // An exported page's default model loads while main.js does, unless the visitor has chosen another.
  if (!stored("model") && !/[#&]model=/.test(location.hash)) {
    for (const link of document.querySelectorAll("link[data-preload]")) link.setAttribute("rel", "preload");
  }
}
