// @ts-check

/**
 * Keeps an exported page for visits without a network: its files and the default model at once, what else is used when it is
 * used. `export-site` writes a line above this code that sets `site`.
 */

/** @type {any} */
const worker = self;
/**
 * The version's folder, and those of its files that are kept with a page, by the page's own folder.
 * @type {{ version: string, pages: Record<string, string[]> }}
 */
const { version, pages } = worker.site;
/** @type {string} address of the page */
const scope = worker.registration.scope;
const folder = `${scope}${version}/`;

/** Caches of other exports on the same host are left alone. */
const prefix = `vqvae-explainer ${scope} `;

/** A network that does not answer for this long counts as none. In milliseconds. */
const PATIENCE_MS = 4000;

/** @param {string} page @returns {string[]} paths of its documents */
const documentsOf = (page) => [page, `${page}article.html`];
const documents = Object.keys(pages).flatMap(documentsOf);

/** @param {string} url */
const pathOf = (url) => url.slice(scope.length).replace(/(index\.html)?([?#].*)?$/, "");

/** @param {string} path of a document in this version's cache */
const keptDocument = async (path) => (await caches.open(prefix + version)).match(scope + path);

/**
 * Keeps a page with all its files.
 * @param {string} page
 */
async function keepPage(page) {
  const cache = await caches.open(prefix + version);
  await cache.addAll(pages[page].map((name) => folder + name));
  for (const path of documentsOf(page).reverse()) {
    const document = await fetch(scope + path, { cache: "no-cache" });
    // While a new export is copied to the host, page and worker may be of different versions.
    if (!(await document.clone().text()).includes(version)) throw new Error(`${scope}${path} is not of version ${version}`);
    await cache.put(scope + path, document);
  }
}

/** The page in other languages is kept for those who have visited it. */
async function install() {
  for (const page of Object.keys(pages)) {
    if (page === "" || await caches.match(scope + page)) await keepPage(page);
  }
  await worker.skipWaiting();
}

/** Open tabs may show the version before this one, so that is kept. */
async function activate() {
  const former = (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== prefix + version);
  await Promise.all(former.slice(0, -1).map((name) => caches.delete(name)));
  await worker.clients.claim();
}

/**
 * The newest document that can be had.
 * @param {Request} request
 * @param {string} path
 */
async function newestDocument(request, path) {
  const kept = await keptDocument(path);
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
 * Keeps a page, and what it used before this worker was there.
 * @param {string} page
 * @param {string[]} addresses
 */
async function keep(page, addresses) {
  if (page in pages && !await keptDocument(page)) await keepPage(page);
  await Promise.all(addresses.filter((address) => address.startsWith(folder)).map((one) => file(new Request(one))));
}

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(install()));
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(activate()));
worker.addEventListener("message", (/** @type {any} */ event) => event.waitUntil(keep(pathOf(event.source.url), event.data)));
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { method, url } = event.request;
  if (method !== "GET" || !url.startsWith(scope)) return;
  const path = pathOf(url);
  if (documents.includes(path)) event.respondWith(newestDocument(event.request, path));
  else if (/^[0-9a-f]{16}\//.test(path)) event.respondWith(file(event.request));
});
