/** Figures as people read them. */

const WHOLE = new Intl.NumberFormat("en");

/** @param {number} n */
export const count = (n) => WHOLE.format(n);

/** @param {number} n @param {string} one @param {string} [many] */
export const counted = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

/** @param {number} bytes */
export function size(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** @param {number} seconds */
export function duration(seconds) {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 90) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** @param {number} seconds since 1970 */
export const day = (seconds) =>
  new Date(seconds * 1000).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

/** @param {number} value */
export const decimals = (value) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(3));

/** @param {{start_line: number, end_line: number, page?: number | null}} place */
export function lines(place) {
  const { start_line: from, end_line: to, page } = place;
  const where = from === to ? `line ${from}` : `lines ${from}–${to}`;
  return page ? `page ${page}, ${where}` : where;
}
