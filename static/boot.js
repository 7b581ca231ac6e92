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

  /**
   * A file, decompressed while it is loaded.
   * @param {string} address
   */
  const load = async (address) => {
    const response = await fetch(address);
    const compressed = response.ok && address.endsWith(".gz") && !response.headers.get("content-encoding");
    return compressed ? new Response(response.body?.pipeThrough(new DecompressionStream("gzip"))) : response;
  };

  // An exported page needs these when main.js runs. A page that is one file does not contain them yet.
  const { src } = /** @type {HTMLScriptElement} */ (document.currentScript);
  if (document.documentElement.dataset.backend === "page" && src) {
    /** @type {Record<string, Worker | Promise<Response>>} */
    const started = { worker: new Worker(new URL("backend/worker.js", src), { type: "module" }) };
    /** @type {Worker} */ (started.worker).onerror = () => delete started.worker;
    // The visitor may have chosen another model than the default.
    const chosen = stored("model") || /[#&]model=/.test(location.hash);
    /** @type {NodeListOf<HTMLLinkElement>} */
    const links = document.querySelectorAll("link[data-preload]");
    for (const { href } of chosen ? [] : links) {
      const file = started[href] = load(href);
      file.catch(() => {}); // main.js reports it
    }
    Object.assign(globalThis, { started });
  }
}
