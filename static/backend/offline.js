// @ts-check

/**
 * Lets an exported page open without a network from now on, where the browser can.
 * @param {string} address of the service worker
 */
export async function keepForOffline(address) {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register(address);
  const { active } = await navigator.serviceWorker.ready;
  active?.postMessage(performance.getEntriesByType("resource").map(({ name }) => name));
}
