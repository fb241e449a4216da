// Server-sent events that reconnect, with polling as a fallback.

import { address } from "./api.js";

const LONGEST_PAUSE = 30_000;
const POLL_EVERY = 5_000;

/**
 * Polls at once and then every few seconds, except while the page is hidden. Returns a function
 * that stops it.
 */
export function repeat(poll) {
  let isAsking = false;

  async function ask() {
    if (document.hidden || isAsking) return;
    isAsking = true;
    // A failed request is repeated shortly.
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
 * Follows a route until `stop` is called. `events` holds a function for each event name. `poll`
 * fetches the same data with a plain request, and is called while no stream is open. A hidden page
 * follows nothing: browsers allow few connections per server, and many pages may be open.
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
      // In any other state the browser reconnects automatically.
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
    // Ignore a failed request: the next one follows soon.
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
