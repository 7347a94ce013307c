/** @file The API key: taken from the link or asked for, and forgotten with the tab. */

const PLACE = "imagemill-key";

/**
 * Take the key out of the address, so that it is neither seen nor copied nor kept in the history,
 * and return the one to use; null when there is none yet.
 * @returns {string | null}
 */
export function arrivingKey() {
  const given = new URLSearchParams(location.hash.slice(1));
  const key = given.get("key");
  if (key) {
    given.delete("key");
    const rest = given.toString();
    history.replaceState(null, "", location.pathname + (rest ? `#${rest}` : ""));
    keep(key);
  }
  return sessionStorage.getItem(PLACE);
}

/** @param {string} key */
export function keep(key) {
  sessionStorage.setItem(PLACE, key);
}

/** Forget the key. */
export function forget() {
  sessionStorage.removeItem(PLACE);
}
