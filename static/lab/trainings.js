// @ts-check

/** Trainings on the server, over REST. No DOM. */

import { toBase64 } from "../core/tensor.js";

/** @typedef {import("../core/types.d.ts").Training} Training */
/** @typedef {{ codes: number, beta: number, codebook: import("../core/types.d.ts").Codebook }} Choice */

/**
 * What the server says of itself.
 * @typedef {object} Offer
 * @property {"" | "off" | "system" | "pytorch" | "mnist"} hindrance
 * @property {number} seconds after which a training is stopped
 * @property {Partial<Record<import("../core/types.d.ts").Codebook, string>>} recorded models whose training can be compared
 */

/** Between two questions, in milliseconds: a little more often than there are snapshots. */
const POLL_MS = 200;

/** The same while the server cannot be reached. */
const RETRY_MS = 1000;

/** @param {import("../core/types.d.ts").Training} training */
export const hasEnded = ({ status: { state } }) => state === "finished" || state === "failed";

/** An answer with an error; `code` as in docs/protocol.md. */
export class Refusal extends Error {
  /** @param {string} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/**
 * @param {object} options
 * @param {typeof fetch} options.fetch
 * @param {(milliseconds: number) => Promise<void>} options.rest
 */
export function createTrainings({ fetch, rest }) {
  /**
   * @param {string} method
   * @param {string} [path]
   * @param {object} [body]
   * @returns {Promise<any>} what the server is known to answer there
   * @throws {Refusal} when it answers with an error
   */
  async function ask(method, path = "", body) {
    const response = await fetch(`/api/trainings${path}`, {
      method,
      headers: { accept: "application/json", ...(body ? { "content-type": "application/json" } : {}) },
      body: body && JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) throw new Refusal(answer.code);
    return answer;
  }

  return {
    /** @returns {Promise<Offer>} after which a training starts at once */
    prepare: () => ask("POST", "/prepare"),

    /**
     * @param {Choice} choice
     * @param {Uint8Array} pixels
     * @returns {Promise<Training>}
     */
    async start({ codes, beta, codebook }, pixels) {
      const body = { num_embeddings: codes, beta, codebook, pixels: toBase64(pixels) };
      const { id, status, position } = await ask("POST", "", body);
      return { id, status, position, codes, codebook, snapshots: [] };
    },

    /**
     * @param {string} id
     * @param {Uint8Array} pixels shown in the snapshots from now on
     */
    draw: (id, pixels) => ask("PUT", `/${id}/drawing`, { pixels: toBase64(pixels) }),

    /** @param {string} id */
    stop: (id) => ask("DELETE", `/${id}`),

    /** @param {string} id */
    weightsUrl: (id) => `/api/trainings/${id}/weights`,

    /**
     * Follows a training to its end, also over a lost connection.
     * @param {Training} training
     * @param {(training: Training) => boolean} report returns whether to go on
     */
    async follow(training, report) {
      let after = 0;
      for (let going = report(training); going && !hasEnded(training); going = report(training)) {
        await rest(POLL_MS);
        try {
          const { status, position, snapshots, next } = await ask("GET", `/${training.id}?after=${after}`);
          after = next;
          training = { ...training, status, position, snapshots: [...training.snapshots, ...snapshots] };
        } catch (error) {
          if (error instanceof Refusal) training = { ...training, status: { state: "failed", reason: "ended" } };
          else await rest(RETRY_MS);
        }
      }
    },
  };
}
