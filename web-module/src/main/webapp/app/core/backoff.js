/**
 * Time to wait before the next attempt to connect: doubles from 0.5 s up to 30 s, with full jitter in its
 * upper half so that many pages do not come back in the same instant.
 *
 * @param {number} attempt 0 for the first retry
 * @param {() => number} random a number in [0, 1)
 * @returns {number} milliseconds
 */
export function backoff(attempt, random = Math.random) {
  const ceiling = Math.min(30_000, 500 * 2 ** Math.min(attempt, 10));
  return Math.round(ceiling / 2 + random() * (ceiling / 2));
}
