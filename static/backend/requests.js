// @ts-check

import { toGradients } from "../core/gradients.js";
import { gridsOf, joinCodes, joinTensor, splitCodes } from "../core/level-codes.js";
import { anyChanged } from "../core/store.js";
import { texts } from "../texts/texts.js";
import { toTrace, unpack, withDistances } from "../core/tensor.js";

/** @typedef {import("../core/types.d.ts").BackwardReply} BackwardReply */
/** @typedef {import("../core/types.d.ts").DecodeReply} DecodeReply */
/** @typedef {import("../core/types.d.ts").Reply} Reply */
/** @typedef {import("../core/types.d.ts").ScoreReply} ScoreReply */
/** @typedef {import("../core/types.d.ts").TraceReply} TraceReply */

/** The tensors that are always in sight; quantized vectors are looked up in the codebook instead of sent. */
const STAGES = ["features", "reconstruction"];

/**
 * What the page asks, and where the answers go.
 * @param {import("../core/types.d.ts").Store} store
 * @param {Pick<import("./backend.js").Backend, "channel" | "use" | "scoresFreely">} backend
 */
export function createRequests(store, backend) {
  /** @type {import("../core/types.d.ts").Trace | null} the trace whose distances were asked for last */
  let completed = null;

  const traces = channel("trace", (/** @type {TraceReply} */ message, { pixels }, roundTrip) => {
    store.set("trace", toTrace(message, pixels ?? null, roundTrip));
  });
  const references = channel("trace", (/** @type {TraceReply} */ message, { pixels }, roundTrip) => {
    store.set("reference", toTrace(message, pixels ?? null, roundTrip));
  });
  const distances = channel("trace", (/** @type {TraceReply} */ message, { pixels }) => {
    distances.forget();
    const trace = store.get("trace");
    // A newer drawing was asked for with its distances.
    if (!trace || trace.pixels !== pixels || trace.variant !== message.variant || !message.distances) return;
    store.set("trace", withDistances(trace, message));
  });
  const decoding = channel("decode", (/** @type {DecodeReply} */ message, grids) => {
    store.assign({
      decoded: /** @type {Record<string, number[][]>} */ (grids),
      editedReconstruction: unpack(message.reconstruction),
    });
  });
  const backward = channel("backward", (/** @type {BackwardReply} */ message, { pixels }) => {
    store.set("gradients", toGradients(message, /** @type {Uint8Array} */ (pixels)));
  });
  const scores = channel("score", (/** @type {ScoreReply} */ message, request) => {
    const model = store.get("model");
    if (!model) return;
    const levels = gridsOf(model);
    store.set("score", {
      codes: /** @type {number[]} */ (joinCodes(levels, "codes", request)),
      bits: joinTensor(levels, "bits", message),
      classBits: message.class_bits,
      total: message.total,
      unigramBits: message.unigram_bits,
    });
  }, () => {
    scored = "";
    store.set("score", null);
  });
  const channels = [traces, references, distances, decoding, backward, scores];
  /** Those of parts that are loaded later. @type {{ forget: () => void }[]} */
  const questions = [];
  /** The drawing that was sent last, if it is finished. @type {Uint8Array | null} */
  let resting = null;
  /** The codes whose score was asked for last. */
  let scored = "";
  /** The edited grids that were asked for last. */
  let edited = "";

  /**
   * @template {Reply} Message
   * @param {Message["type"]} type
   * @param {(message: Message, request: import("./channels.js").Request, roundTrip: number) => void} keep
   * @param {import("./channels.js").OnError} [fail]
   */
  function channel(type, keep, fail) {
    return backend.channel(type, (message, request, roundTrip) => {
      const model = store.get("model");
      // Another model has been chosen meanwhile; it is asked the same.
      if (model && message.model !== model.name) return;
      try {
        keep(message, request, roundTrip);
      } catch {
        store.set("notice", { kind: "problem", text: texts.backend.replyUnreadable });
      }
      // What the visitor waits for is drawn at once: the screen may be just about to be painted.
      store.flush();
    }, fail);
  }

  /**
   * @param {Uint8Array} pixels
   * @param {boolean} now
   */
  function differentiate(pixels, now) {
    backward.ask({ pixels, straight_through: store.get("straightThrough") }, now);
  }

  /**
   * The score costs as much as several traces: while the pen moves it is asked for only where all of it is shown. How unusual
   * a drawing is, is shown everywhere.
   * @param {import("../core/types.d.ts").Model | null} model
   */
  function follow(model) {
    const codes = store.get("shownCodes");
    if (!model?.prior || !codes || store.get("shownVariant") !== "normal") return;
    const drawn = resting?.some((value) => value) && store.get("trace")?.pixels === resting;
    if (!store.get("generate") && !(drawn && backend.scoresFreely(model.name))) return;
    const asked = `${model.name} ${codes}`;
    if (asked === scored) return;
    scored = asked;
    scores.ask(splitCodes(gridsOf(model), "codes", codes));
  }

  /**
   * Called at once, not at the next frame, so that the server works while the browser waits for the screen.
   * @param {Uint8Array} pixels
   * @param {boolean} finished whether the pen rests: then this drawing must not be skipped
   */
  function draw(pixels, finished) {
    const variant = store.get("variant");
    resting = finished ? pixels : null;
    const stages = store.get("wantsDistances") ? [...STAGES, "distances"] : STAGES;
    traces.ask({ pixels, stages, variant }, finished);
    if (variant !== "normal") references.ask({ pixels, stages: ["reconstruction"], variant: "normal" });
    if (store.get("wantsGradients")) differentiate(pixels, finished);
  }

  /** Asks for the picture of the codes that are shown, if the visitor edited some. */
  function decode() {
    const grids = store.get("grids");
    if (!grids || !store.get("edits")) return;
    const asked = `${store.get("model")?.name} ${JSON.stringify(grids)}`;
    if (asked === edited) return;
    edited = asked;
    decoding.ask(grids);
  }

  return {
    draw,

    /**
     * A question of a part of the page that is loaded later. It is forgotten when it has been answered, or another model is
     * shown. While it is asked again and again, answers to the times before are kept, too.
     * @template {Reply} Message
     * @param {Message["type"]} type
     * @param {(message: Message, request: import("./channels.js").Request) => void} keep
     * @param {import("./channels.js").OnError} [fail]
     */
    question(type, keep, fail) {
      /** @type {import("./channels.js").Request | null} */
      let newest = null;
      const one = channel(type, (/** @type {Message} */ message, request) => {
        if (request === newest) one.forget();
        keep(message, request);
      }, (request) => {
        if (request === newest) one.forget();
        fail?.(request);
      });
      questions.push(one);
      return {
        forget: one.forget,
        /** @param {import("./channels.js").Request} request @param {boolean} [urgent] */
        ask(request, urgent) {
          newest = request;
          one.ask(request, urgent);
        },
      };
    },

    /** Forgets what was asked. A reply that is on its way is ignored. */
    reset() {
      for (const one of [...channels, ...questions]) one.forget();
      scored = edited = "";
    },

    /** @param {Set<import("../core/types.d.ts").Key>} changed */
    update(changed) {
      if (changed.has("variant")) {
        references.forget();
        store.set("reference", null);
        draw(store.get("pixels"), true);
      }
      if (anyChanged(changed, ["wantsDistances", "trace"])) {
        const trace = store.get("trace");
        if (trace?.pixels && !trace.distances && trace !== completed && store.get("wantsDistances")) {
          completed = trace;
          // Alone: what is shown already need not be sent, nor painted, again.
          distances.ask({ pixels: trace.pixels, stages: ["distances"], variant: trace.variant });
        }
      }
      if (changed.has("edits") && !store.get("edits")) {
        decoding.forget();
        edited = "";
        store.assign({ decoded: null, editedReconstruction: null });
      }
      if (anyChanged(changed, ["wantsGradients", "straightThrough"])) {
        if (store.get("wantsGradients")) {
          differentiate(store.get("pixels"), true);
        } else {
          backward.forget();
          store.set("gradients", null);
        }
      }
      // When what belongs to the former model's grid is no longer asked, and before what belongs to the new one's is.
      const model = store.get("model");
      if (model && changed.has("model")) {
        for (const one of [scores, ...questions]) one.forget();
        scored = "";
        backend.use(model.name);
      }
      if (anyChanged(changed, ["model", "shownCodes", "generate"])) follow(model);
      if (anyChanged(changed, ["edits", "grids"])) decode();
    },
  };
}
