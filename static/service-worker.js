// @ts-check

/**
 * Keeps an exported page for visits without a network: its files and the default model at once, what else is used when it is
 * used. `export-site` writes a line above this code that sets `site`.
 */

/** @type {any} */
const worker = self;
/** @type {{ version: string, files: string[] }} the version's folder, and those of its files that are kept at once */
const { version, files } = worker.site;
/** @type {string} address of the page */
const scope = worker.registration.scope;
const folder = `${scope}${version}/`;

/** Caches of other exports on the same host are left alone. */
const prefix = `vqvae-explainer ${scope} `;

/** A network that does not answer for this long counts as none. In milliseconds. */
const PATIENCE_MS = 4000;

async function install() {
  const cache = await caches.open(prefix + version);
  const page = await fetch(scope, { cache: "no-cache" });
  // While a new export is copied to the host, page and worker may be of different versions.
  if (!(await page.clone().text()).includes(version)) throw new Error(`The page is not of version ${version}`);
  await cache.put(scope, page);
  await cache.addAll(files.map((name) => folder + name));
  await worker.skipWaiting();
}

/** Open tabs may show the version before this one, so that is kept. */
async function activate() {
  const former = (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== prefix + version);
  await Promise.all(former.slice(0, -1).map((name) => caches.delete(name)));
  await worker.clients.claim();
}

/**
 * The newest page that can be had.
 * @param {Request} request
 */
async function newestPage(request) {
  const kept = await caches.open(prefix + version).then((cache) => cache.match(scope));
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (response.status < 500 || !kept) return response;
  } catch (error) {
    if (!kept) throw error;
  }
  return kept;
}

/**
 * Files in a version's folder never change.
 * @param {Request} request
 */
async function file(request) {
  const kept = await caches.match(request, { ignoreVary: true });
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok && request.url.startsWith(folder)) {
    const cache = await caches.open(prefix + version);
    await cache.put(request, response.clone());
  }
  return response;
}

/**
 * Keeps what a page used before this worker was there.
 * @param {string[]} addresses
 */
async function keep(addresses) {
  await Promise.all(addresses.filter((address) => address.startsWith(folder)).map((one) => file(new Request(one))));
}

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(install()));
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(activate()));
worker.addEventListener("message", (/** @type {any} */ event) => event.waitUntil(keep(event.data)));
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { method, mode, url } = event.request;
  if (method !== "GET" || !url.startsWith(scope)) return;
  const path = url.slice(scope.length).replace(/[?#].*/, "");
  if (mode === "navigate" && ["", "index.html"].includes(path)) event.respondWith(newestPage(event.request));
  else if (/^[0-9a-f]{16}\//.test(path)) event.respondWith(file(event.request));
});
