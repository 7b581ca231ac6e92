// @ts-check

import { toGradients } from "../training/gradients.js";
import { anyChanged } from "../core/store.js";
import { toTrace, unpack } from "../core/tensor.js";

/** The tensors that are always in sight; quantized vectors are looked up in the codebook instead of sent. */
const STAGES = ["features", "reconstruction"];

/**
 * What the page asks the server, and where the answers are put.
 * @param {import("../core/types.d.ts").Store} store
 * @param {import("./stream.js").Stream} stream
 * @returns {import("../core/types.d.ts").View & { draw: (pixels: Uint8Array, finished: boolean) => void }}
 */
export function createRequests(store, stream) {
  const traces = channel("trace", (message, request, roundTrip) => {
    store.set("trace", toTrace(message, request.pixels ?? null, roundTrip));
  });
  const references = channel("trace", (message, request, roundTrip) => {
    store.set("reference", toTrace(message, request.pixels ?? null, roundTrip));
  });
  const lookups = channel("trace", (message, request) => {
    lookups.forget();
    const trace = store.get("trace");
    // A newer drawing was asked for with its distances.
    if (!trace || trace.pixels !== request.pixels || trace.variant !== message.variant) return;
    store.set("trace", { ...trace, distances: unpack(message.distances) });
  });
  const decoding = channel("decode", (message) => store.set("editedReconstruction", unpack(message.reconstruction)));
  const backward = channel("backward", (message, request) => {
    store.set("gradients", toGradients(message, /** @type {Uint8Array} */ (request.pixels)));
  });

  /**
   * @param {string} type
   * @param {(message: any, request: import("./channels.js").Request, roundTrip: number) => void} keep
   */
  function channel(type, keep) {
    return stream.channel(type, (message, request, roundTrip) => {
      const model = store.get("model");
      // Another model has been chosen meanwhile; it is asked the same.
      if (model && message.model !== model.name) return;
      try {
        keep(message, request, roundTrip);
      } catch {
        store.set("notice", { kind: "problem", text: "A reply of the server could not be read." });
      }
      // What the visitor waits for is drawn at once: the screen may be just about to be painted.
      store.flush();
    });
  }

  /** Distances, the most numbers of all, are sent while somebody looks at them. */
  const wantsDistances = () => store.get("details") || Boolean(store.get("selection")?.cell);

  /** A backward pass costs the server as much as several traces: it is made for eyes only. */
  const wantsGradients = () => store.get("backward") && store.get("details");

  /**
   * @param {Uint8Array} pixels
   * @param {boolean} now
   */
  function differentiate(pixels, now) {
    backward.ask({ pixels, straight_through: store.get("straightThrough") }, now);
  }

  /**
   * Called at once, not at the next frame, so that the server works while the browser waits for the screen.
   * @param {Uint8Array} pixels
   * @param {boolean} finished whether the visitor rests: then this drawing must not be skipped
   */
  function draw(pixels, finished) {
    const variant = store.get("variant");
    const stages = wantsDistances() ? [...STAGES, "distances"] : STAGES;
    traces.ask({ pixels, stages, variant }, finished);
    if (variant !== "normal") references.ask({ pixels, stages: ["reconstruction"], variant: "normal" });
    if (wantsGradients()) differentiate(pixels, finished);
  }

  return {
    draw,

    update(changed) {
      if (anyChanged(changed, ["variant"])) {
        references.forget();
        store.set("reference", null);
        draw(store.get("pixels"), true);
      } else if (anyChanged(changed, ["details", "selection"]) && wantsDistances() && !store.get("trace")?.distances) {
        // Alone: what is shown already need not be sent, nor painted, again.
        lookups.ask({ pixels: store.get("pixels"), stages: ["distances"], variant: store.get("variant") });
      }
      if (anyChanged(changed, ["edited"])) {
        const indices = store.get("edited");
        if (indices) decoding.ask({ indices });
        else decoding.forget();
      }
      if (anyChanged(changed, ["backward", "details", "straightThrough"])) {
        if (wantsGradients()) {
          differentiate(store.get("pixels"), true);
        } else {
          backward.forget();
          store.set("gradients", null);
        }
      }
    },

    destroy: () => [traces, references, lookups, decoding, backward].forEach((one) => one.forget()),
  };
}
