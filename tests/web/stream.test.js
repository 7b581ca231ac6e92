// @ts-check

import { createStream } from "../../static/backend/stream.js";
import { texts } from "../../static/texts/texts.js";
import { close, equal, holds, ok } from "./assert.js";
import { FRAME, fakeTime } from "./time.js";

/** A WebSocket whose other end is the test. */
class Socket {
  readyState = 0;
  closed = false;
  /** @type {any[]} messages of the page, not yet answered or taken */
  sent = [];
  /** @type {() => void} */
  onopen = () => {};
  /** @type {(event: { data: string }) => void} */
  onmessage = () => {};
  /** @type {(event: { code: number }) => void} */
  onclose = () => {};

  /** @param {string} text */
  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.readyState = 2;
    this.closed = true;
  }

  accept() {
    this.readyState = 1;
    this.onopen();
  }

  drop(code = 1006) {
    this.readyState = 3;
    this.onclose({ code });
  }

  /** @param {unknown} message */
  push(message) {
    this.onmessage({ data: JSON.stringify(message) });
  }

  /** @param {any} request @param {object} [fields] */
  answer({ type, seq, model }, fields = {}) {
    this.push({ type, seq, model, ...fields });
  }

  /** @returns {any[]} what the page has sent since the last call */
  take() {
    return this.sent.splice(0);
  }
}

/** @param {{ random?: () => number, accepted?: boolean }} [options] */
function start({ random = () => 0.5, accepted = true } = {}) {
  /** @type {Socket[]} */
  const sockets = [];
  /** @type {[state: string, detail: string][]} */
  const states = [];
  /** @type {string[]} */
  const errors = [];
  const stream = createStream({
    url: "ws://here/ws",
    onError: (message) => errors.push(message),
    onState: (state, detail) => states.push([state, detail]),
    open: () => {
      sockets.push(new Socket());
      return /** @type {any} */ (sockets[sockets.length - 1]);
    },
    random,
  });
  if (accepted) sockets[0].accept();
  return { stream, sockets, states, errors, socket: () => sockets[sockets.length - 1] };
}

/**
 * @param {import("../../static/backend/backend.js").Backend} stream
 * @param {string} [type]
 */
function listen(stream, type = "trace") {
  /** @type {{ request: any, message: any, roundTrip: number }[]} */
  const replies = [];
  const channel = stream.channel(type, (message, request, roundTrip) => replies.push({ message, request, roundTrip }));
  return { ...channel, replies };
}

Deno.test("a request is a message with its type, number, model and pixels", () => {
  using _time = fakeTime();
  const { stream, socket } = start();
  const { ask } = listen(stream);
  stream.use("residual-20");
  ask({ pixels: Uint8Array.of(102, 111, 111, 98, 97, 114), stages: ["features"], variant: "normal" });
  equal(socket().take(), [{
    type: "trace",
    seq: 1,
    model: "residual-20",
    pixels: "Zm9vYmFy",
    stages: ["features"],
    variant: "normal",
  }]);
});

Deno.test("what is asked before the connection is up is sent when it is", () => {
  using _time = fakeTime();
  const { stream, socket, states } = start({ accepted: false });
  const traces = listen(stream);
  traces.ask({ n: 1 });
  traces.ask({ n: 2 }, true);
  equal(socket().take(), []);
  ok(!stream.isIdle(), "a request waits");
  equal(states.map(([state]) => state), ["connecting"]);
  socket().accept();
  equal(states.map(([state]) => state), ["connecting", "live"]);
  equal(socket().take().map(({ n }) => n), [2]);
});

Deno.test("a near server gets the newest request as soon as it has answered; older ones are dropped", () => {
  using time = fakeTime();
  const { stream, socket } = start();
  const traces = listen(stream);
  for (const n of [1, 2, 3, 4]) traces.ask({ n });
  const [first, ...more] = socket().take();
  equal([first.n, more.length], [1, 0]);
  time.pass(4);
  socket().answer(first, { found: "a" });
  const [second] = socket().take();
  equal(second.n, 4);
  ok(!stream.isIdle(), "a reply is awaited");
  time.pass(2.5);
  socket().answer(second, { found: "b" });
  ok(stream.isIdle(), "all is answered");
  equal(traces.replies.map(({ request, message, roundTrip }) => [request.n, message.found, roundTrip]), [
    [1, "a", 4],
    [4, "b", 2.5],
  ]);
  equal(socket().take(), []);
  equal(time.pending(), [], "nothing is left to send");
});

Deno.test("up to four messages are in flight, one more each frame; the newest request waits", () => {
  using time = fakeTime();
  const { stream, socket } = start();
  const traces = listen(stream);
  const sent = [];
  for (let n = 0; n < 40; n++) {
    traces.ask({ n });
    sent.push(...socket().take());
    time.pass(5);
  }
  sent.push(...socket().take());
  // 17 ms is a frame in whole milliseconds; the newest request at that time is sent.
  equal(sent.map(({ n }) => n), [0, 3, 6, 10]);
  socket().answer(sent[0]);
  const [fifth, ...more] = socket().take();
  equal([fifth.n, more.length], [39, 0]);
  for (const message of [...sent.slice(1), fifth]) socket().answer(message);
  equal(traces.replies.map(({ request }) => request.n), [0, 3, 6, 10, 39]);
  ok(stream.isIdle(), "all is answered");
});

/**
 * A link to a server that answers each message a round trip later, and a pen that moves 60 times a second for 3 seconds.
 * @param {number} ms of the round trip
 * @returns when the answers came, in ms
 */
function drawFarAway(ms) {
  using time = fakeTime();
  const { stream, socket } = start();
  /** @type {number[]} */
  const times = [];
  const traces = stream.channel("trace", () => times.push(performance.now()));
  const inFlight = [];
  let most = 0;
  for (let now = 0; now < 3000; now++) {
    if (Math.floor(now * 0.06) > Math.floor((now - 1) * 0.06)) traces.ask({ n: now });
    inFlight.push(...socket().take().map((message) => ({ message, due: now + ms })));
    most = Math.max(most, inFlight.length);
    while (inFlight[0]?.due <= now) socket().answer(inFlight.shift()?.message);
    time.pass(1);
  }
  return { times, most };
}

Deno.test("a far server answers 30 drawings a second at 100 ms, 12 at 300, in even steps", () => {
  for (const [ms, aim] of [[100, 30], [300, 12]]) {
    const { times, most } = drawFarAway(ms);
    const settled = times.filter((at) => at >= times[0] + 1000);
    const gaps = settled.slice(1).map((at, n) => at - settled[n]);
    const rate = 1000 * gaps.length / (settled[settled.length - 1] - settled[0]);
    ok(rate >= aim, `${rate} a second at ${ms} ms`);
    ok(Math.max(...gaps) < 1.5 * ms / 4, `a gap of ${Math.max(...gaps)} ms at ${ms} ms`);
    equal(most, 4, `in flight at ${ms} ms`);
  }
});

Deno.test("a server nearer than a frame gets every drawing at once, alone", () => {
  const { times, most } = drawFarAway(5);
  equal([times.length, most], [180, 1]);
});

Deno.test("the next request is sent before the reply is delivered", () => {
  using _time = fakeTime();
  const { stream, socket } = start();
  /** @type {number[]} */
  const sentBefore = [];
  const traces = stream.channel("trace", () => sentBefore.push(socket().sent.length));
  traces.ask({ n: 1 });
  traces.ask({ n: 2 });
  socket().answer(socket().take()[0]);
  equal(sentBefore, [1]);
});

Deno.test("far away, a finished drawing is sent at the next frame", () => {
  using time = fakeTime();
  const { stream, socket } = start();
  const traces = listen(stream);
  traces.ask({ n: 1 });
  time.pass(400);
  socket().answer(socket().take()[0]);
  traces.ask({ n: 2 });
  traces.ask({ n: 3 });
  time.pass(FRAME + 1);
  equal(socket().take().map(({ n }) => n), [2], "moves come in even steps of a quarter of the round trip");
  traces.ask({ n: 4 }, true);
  equal(socket().take().map(({ n }) => n), [4]);
  traces.ask({ n: 5 }, true);
  equal(socket().take(), [], "at most one a frame");
  time.pass(FRAME + 1);
  equal(socket().take().map(({ n }) => n), [5]);
});

Deno.test("an overtaken message needs no reply, and a late one is dropped", () => {
  using time = fakeTime();
  const { stream, socket } = start();
  const traces = listen(stream);
  traces.ask({ n: 1 });
  time.pass(FRAME + 1);
  traces.ask({ n: 2 });
  const [first, second] = socket().take();
  socket().answer(second);
  ok(stream.isIdle(), "the newest is answered");
  equal(socket().take(), [], "the overtaken one is not sent again");
  socket().answer(first);
  socket().answer(second);
  equal(traces.replies.map(({ request }) => request.n), [2]);
});

Deno.test("types do not wait for each other; channels of one type take turns", () => {
  using _time = fakeTime();
  const { stream, socket } = start();
  const traces = listen(stream);
  const references = listen(stream);
  const decoding = listen(stream, "decode");
  traces.ask({ n: "trace 1" });
  references.ask({ n: "reference 1" });
  decoding.ask({ n: "decode 1" });
  let [inFlight, decode] = socket().take();
  equal([inFlight.n, decode.n], ["trace 1", "decode 1"]);
  const order = [];
  for (let turn = 2; turn < 6; turn++) {
    // A pen that keeps moving must not starve the other channel.
    traces.ask({ n: `trace ${turn}` });
    references.ask({ n: `reference ${turn}` });
    socket().answer(inFlight);
    [inFlight] = socket().take();
    order.push(inFlight.n);
  }
  equal(order, ["reference 2", "trace 3", "reference 4", "trace 5"]);
});

Deno.test("a message that lost its place on the server to another channel is sent again", () => {
  using time = fakeTime();
  const { stream, socket } = start();
  const traces = listen(stream);
  const references = listen(stream);
  references.ask({ n: "reference" });
  time.pass(FRAME + 1);
  traces.ask({ n: "trace" });
  const [, trace] = socket().take();
  socket().answer(trace);
  const [again] = socket().take();
  equal(again.n, "reference");
  time.pass(FRAME + 1);
  traces.ask({ n: "next trace" });
  equal(socket().take(), [], "it is not overtaken again");
  socket().answer(again);
  socket().answer(socket().take()[0]);
  equal([traces.replies.length, references.replies.length], [2, 1]);
  ok(stream.isIdle(), "all is answered");

  references.ask({ n: "unwanted" });
  time.pass(FRAME + 1);
  traces.ask({ n: "trace" });
  references.forget();
  socket().answer(socket().take()[1]);
  equal(socket().take(), [], "a forgotten request is not sent again");
});

Deno.test("a pen that keeps moving on a slow server does not starve another channel of its type", () => {
  for (const ms of [20, 25, 33, 34, 50, 70, 100]) {
    using time = fakeTime();
    const { stream, socket } = start();
    const traces = listen(stream);
    const references = listen(stream);
    /** The server works on one message at a time, and keeps one place. */
    let place, working, busyUntil = 0;
    for (let now = 0; now < 2000; now++) {
      if (now % 16 === 0) for (const channel of [traces, references]) channel.ask({ n: now });
      place = socket().take().at(-1) ?? place;
      if (now >= busyUntil) {
        if (working) socket().answer(working);
        [working, place, busyUntil] = [place, undefined, now + ms];
      }
      time.pass(1);
    }
    const [fewer, more] = [traces, references].map(({ replies }) => replies.length).sort((a, b) => a - b);
    ok(fewer > 0.3 * more, `${traces.replies.length} traces and ${references.replies.length} references at ${ms} ms`);
  }
});

Deno.test("replies to forgotten requests are dropped", () => {
  using _time = fakeTime();
  const { stream, socket } = start();
  const traces = listen(stream);
  traces.ask({ n: 1 });
  traces.ask({ n: 2 });
  traces.forget();
  const [first] = socket().take();
  traces.ask({ n: 3 });
  equal(socket().take(), [], "1 is still in flight");
  socket().answer(first);
  const [third] = socket().take();
  socket().answer(third);
  equal(traces.replies.map(({ request }) => request.n), [3]);
});

Deno.test("an error is reported, and the next request is sent", () => {
  using _time = fakeTime();
  const { stream, socket, errors } = start();
  const traces = listen(stream);
  traces.ask({ n: 1 });
  traces.ask({ n: 2 });
  const [first] = socket().take();
  socket().push({ type: "error", seq: null, code: "new", message: "A first problem." });
  equal(socket().take(), []);
  socket().push({ type: "error", seq: first.seq, code: "unknown_model", message: "In the server's words." });
  equal(errors, ["A first problem.", texts.backend.errors.unknown_model]);
  const [second] = socket().take();
  equal(second.n, 2);
  socket().answer(second);
  equal(traces.replies.map(({ request }) => request.n), [2]);
});

Deno.test("texts that are no message, and messages that answer no request, change nothing", () => {
  using _time = fakeTime();
  const { stream, socket, errors } = start();
  const traces = listen(stream);
  traces.ask({ n: 1 });
  const [first] = socket().take();
  for (const data of ["{", "", "null", "7", '"text"']) {
    socket().onmessage({ data });
    equal(errors.splice(0), [texts.backend.replyUnreadable], data);
  }
  for (const message of [[], {}, { type: "trace", seq: 100_000 }, { type: "trace", seq: "1" }, { type: "trace" }]) {
    socket().push(message);
  }
  equal([errors, traces.replies, socket().take()], [[], [], []]);
  socket().answer(first);
  equal(traces.replies.length, 1);
});

Deno.test("attempts to reconnect back off, doubling up to eight seconds", () => {
  using time = fakeTime();
  const { sockets, states } = start();
  for (const wait of [300, 600, 1200, 2400, 4800, 8000, 8000]) {
    const before = sockets.length;
    sockets[before - 1].drop();
    equal(states.at(-1)?.[0], "offline");
    time.pass(wait - 1);
    equal(sockets.length, before, `before ${wait} ms`);
    time.pass(1);
    equal(sockets.length, before + 1, `after ${wait} ms`);
  }
  // A connection that came up starts anew.
  sockets[sockets.length - 1].accept();
  equal(states.at(-1)?.[0], "live");
  sockets[sockets.length - 1].drop();
  equal(time.pending(), [300]);
});

Deno.test("waits vary by up to 40% in either direction", () => {
  for (const [random, wait] of [[0, 180], [0.25, 240], [1, 420]]) {
    using time = fakeTime();
    start({ random: () => random }).socket().drop();
    close(time.pending(), [wait], 1e-9);
  }
});

Deno.test("after a reconnection everything that is wanted is asked again", () => {
  using time = fakeTime();
  const { stream, socket } = start();
  const [traces, decoding, backward] = ["trace", "decode", "backward"].map((type) => listen(stream, type));
  traces.ask({ n: "old drawing" });
  decoding.ask({ n: "grid" });
  backward.ask({ n: "unwanted" });
  const [lost, grid] = socket().take();
  // Answered, but perhaps by other weights than those of the server that comes back.
  socket().answer(grid);
  backward.forget();
  const dead = socket();
  dead.drop();
  traces.ask({ n: "drawn while offline" });
  ok(!stream.isIdle(), "a request waits");
  time.pass(300);
  socket().accept();
  const asked = socket().take();
  equal(asked.map(({ n }) => n), ["drawn while offline", "grid"]);
  ok(asked.every(({ seq }) => seq > 3), "numbers go on");
  socket().answer(lost);
  for (const message of asked) socket().answer(message);
  equal(traces.replies.map(({ request }) => request.n), ["drawn while offline"]);
  equal(decoding.replies.length, 2);
  equal(dead.take(), []);
  ok(stream.isIdle(), "all is answered");
});

Deno.test("a full server and one that cannot be reached have different messages", () => {
  using time = fakeTime();
  const { socket, states } = start();
  socket().drop(1013);
  equal(states.at(-1), ["offline", texts.backend.full]);
  time.pass(300);
  socket().drop();
  equal(states.at(-1), ["offline", texts.backend.offline]);
});

Deno.test("when the network or the tab comes back, the page does not wait", () => {
  using time = fakeTime();
  const { stream, sockets, socket } = start();
  stream.reconnectNow();
  equal(sockets.length, 1, "while connected");
  socket().drop();
  time.pass(300);
  socket().drop();
  time.pass(100);
  stream.reconnectNow();
  equal(sockets.length, 3);
  stream.reconnectNow();
  time.pass(60_000);
  equal(sockets.length, 3, "one attempt at a time, and the planned one is off");
  socket().drop();
  equal(time.pending(), [300], "the back-off starts anew");
});

Deno.test("a connection without a reply for ten seconds is closed", () => {
  using time = fakeTime();
  const { stream, socket } = start();
  const traces = listen(stream);
  time.pass(60_000);
  ok(!socket().closed, "nothing is awaited");
  traces.ask({ n: 1 });
  time.pass(9_999);
  ok(!socket().closed, "a slow reply");
  time.pass(1);
  ok(socket().closed, "no reply");
  const dead = socket();
  dead.drop();
  time.pass(300);
  socket().accept();
  equal(socket().take().map(({ n }) => n), [1]);
});

Deno.test("every message of the server proves that the connection lives", () => {
  using time = fakeTime();
  const { stream, socket } = start();
  const traces = listen(stream);
  const decoding = listen(stream, "decode");
  traces.ask({ n: 1 });
  decoding.ask({ n: 2 });
  const [first, second] = socket().take();
  time.pass(9_000);
  socket().answer(first);
  time.pass(9_000);
  ok(!socket().closed, "the second reply has its own ten seconds");
  socket().answer(second);
  equal(time.pending(), [], "nothing is awaited");
  traces.ask({ n: 3 });
  decoding.ask({ n: 4 });
  socket().answer(socket().take()[0]);
  time.pass(10_000);
  ok(socket().closed, "the fourth has none");
});

Deno.test("more requests do not postpone the end of a dead connection", () => {
  using time = fakeTime();
  const { stream, socket } = start();
  const traces = listen(stream);
  for (let second = 0; second < 10; second++) {
    ok(!socket().closed, `closed after ${second} s`);
    traces.ask({ n: second }, true);
    time.pass(1000);
  }
  ok(socket().closed, "kept open by a pen that is lifted every second");
});

Deno.test("another model is asked the same, and late replies of the former one are dropped", () => {
  using _time = fakeTime();
  const { stream, socket } = start();
  const traces = listen(stream);
  stream.use("a");
  traces.ask({ n: 1 });
  const [former] = socket().take();
  stream.use("a");
  equal(socket().take(), [], "the same model");
  stream.use("b");
  const [asked, ...more] = socket().take();
  equal([former.model, asked.model, asked.n, more.length], ["a", "b", 1, 0]);
  socket().answer(former);
  equal([traces.replies.length, socket().take().length], [0, 0]);
  socket().answer(asked);
  equal(traces.replies.map(({ message }) => message.model), ["b"]);
  ok(stream.isIdle(), "all is answered");
});

Deno.test("a message of the former model that was overtaken is not sent again", () => {
  using _time = fakeTime();
  const { stream, socket } = start();
  const traces = listen(stream);
  stream.use("a");
  traces.ask({ n: 1 });
  stream.use("b");
  const [, asked] = socket().take();
  socket().answer(asked);
  equal(socket().take(), []);
  ok(stream.isIdle(), "all is answered");
});

/**
 * A server that keeps one place for each type of message: the newest, which overtakes those before it.
 * @param {() => number} random
 * @param {Socket} socket
 * @param {Map<string, any>} places
 */
function serve(random, socket, places) {
  for (const message of socket.take()) places.set(message.type, message);
  const waiting = [...places.values()];
  if (!waiting.length || socket.readyState !== 1) return;
  const chosen = waiting[Math.floor(waiting.length * random())];
  places.delete(chosen.type);
  socket.answer(chosen);
}

Deno.test("in any order of events, the newest request of each channel is answered in the end", () => {
  holds(150, (random) => {
    using time = fakeTime();
    const { stream, sockets, socket } = start({ random, accepted: false });
    const channels = ["trace", "trace", "trace", "decode", "backward"].map((type) => listen(stream, type));
    /** @type {(number | null)[]} */
    const wanted = channels.map(() => null);
    /** @type {Map<string, any>} */
    let places = new Map();
    let count = 0;
    const act = () => {
      const which = Math.floor(channels.length * random());
      const dice = random();
      if (dice < 0.5) {
        wanted[which] = ++count;
        channels[which].ask({ n: count }, random() < 0.3);
      } else if (dice < 0.55) {
        wanted[which] = null;
        channels[which].forget();
      } else if (dice < 0.9) {
        serve(random, socket(), places);
      } else if (dice < 0.93) {
        stream.use(random() < 0.5 ? "a" : "b");
      } else if (dice < 0.96 && socket().readyState < 2) {
        socket().drop();
        places = new Map();
      } else if (socket().readyState === 0) {
        socket().accept();
      } else {
        time.pass(5000 * random());
      }
    };
    for (let n = 0; n < 200; n++) act();
    // No more events: what is wanted has to be answered now.
    for (let n = 0; n < 200 && (n < 30 || !stream.isIdle()); n++) {
      if (socket().readyState === 2) socket().drop();
      if (socket().readyState === 3) time.pass(20_000);
      if (socket().readyState === 0) socket().accept();
      serve(random, socket(), places);
    }
    ok(stream.isIdle(), "never idle");
    equal(time.pending(), [], "a timer is left");
    ok(sockets.filter(({ readyState }) => readyState < 2).length === 1, "more than one connection");
    channels.forEach(({ replies }, which) => {
      const seqs = replies.map(({ message }) => message.seq);
      equal(seqs, [...new Set(seqs)].sort((a, b) => a - b), "replies out of order, or twice");
      if (wanted[which] !== null) equal(replies.at(-1)?.request.n, wanted[which], `channel ${which}`);
    });
  });
});
