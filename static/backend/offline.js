// @ts-check

/**
 * Lets an exported page open without a network from now on, where the browser can.
 * @param {string} address of the service worker
 * @param {Iterable<string>} used addresses of files that are kept beside those that this thread has loaded
 */
export async function keepForOffline(address, used) {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register(address);
  const { active } = await navigator.serviceWorker.ready;
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  active?.postMessage([...new Set([...loaded, ...used])]);
}
