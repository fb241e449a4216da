// Server-sent events that are taken up again, and polling where they do not come through.

import { address } from "./api.js";

const LONGEST_PAUSE = 30_000;
const POLL_EVERY = 5_000;

/** Asks at once and then every few seconds, but not while the page is hidden; until the answer, a function, is called. */
export function repeat(poll) {
  let isAsking = false;

  async function ask() {
    if (document.hidden || isAsking) return;
    isAsking = true;
    // What went wrong is asked again in a moment.
    await poll().catch(() => {});
    isAsking = false;
  }

  const poller = setInterval(ask, POLL_EVERY);
  document.addEventListener("visibilitychange", ask);
  ask();

  return function stop() {
    document.removeEventListener("visibilitychange", ask);
    clearInterval(poller);
  };
}

/**
 * Follows a route until `stop` is called. `events` holds a function for each event's name; `poll` asks for the same by a
 * plain request, and is called while no stream is open. A hidden page follows nothing: browsers allow few connections to one
 * server, and many pages may be open.
 */
export function follow(path, { query, events, poll }) {
  let source = null;
  let pause = 1000;
  let retry = null;
  let isOpen = false;

  function open() {
    clearTimeout(retry);
    source?.close();
    source = new EventSource(address(path, query));
    source.onopen = () => {
      isOpen = true;
      pause = 1000;
    };
    source.onerror = () => {
      isOpen = false;
      // Otherwise the browser comes again by itself.
      if (source?.readyState === EventSource.CLOSED) again();
    };
    for (const [name, receive] of Object.entries(events)) {
      source.addEventListener(name, (event) => receive(JSON.parse(event.data)));
    }
  }

  function again() {
    clearTimeout(retry);
    retry = setTimeout(open, pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
    ask();
  }

  function ask() {
    // A failed request is no news: the next one is under way already.
    if (!document.hidden) Promise.resolve(poll()).catch(() => {});
  }

  function close() {
    clearTimeout(retry);
    source?.close();
    source = null;
    isOpen = false;
  }

  const shown = () => (document.hidden ? close() : open());
  const poller = setInterval(() => isOpen || ask(), POLL_EVERY);
  document.addEventListener("visibilitychange", shown);
  shown();

  return function stop() {
    document.removeEventListener("visibilitychange", shown);
    clearInterval(poller);
    close();
  };
}
