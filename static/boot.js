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

  // The worker of an exported page loads the default model while the page is read. A page that is one file holds neither yet.
  const site = JSON.parse(document.querySelector("[data-file='site.json']")?.textContent ?? "{}");
  if (site.folder) {
    /** @param {string} file */
    const at = (file) => new URL(site.folder + file, document.baseURI).href;
    const { default: name } = site;
    const files = { document: at(`${name}.detail.json`), weights: at(`${name}.safetensors.gz`) };
    // The visitor may have chosen another model.
    const chosen = stored("model") || /[#&]model=/.test(location.hash);
    const first = chosen ? "" : JSON.stringify({ type: "load", kind: "model", key: `model ${name}`, name, ...files });
    const startedWorker = new Worker(at("../backend/worker.js"), { type: "module", name: first });
    startedWorker.onerror = () => Reflect.deleteProperty(globalThis, "startedWorker");
    Object.assign(globalThis, { startedWorker });
  }
}
