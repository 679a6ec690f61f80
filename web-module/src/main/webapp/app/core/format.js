/** Times in the reader's own language and zone. */
const DAY = 86_400_000;
const clock = new Intl.DateTimeFormat(undefined, {hour: '2-digit', minute: '2-digit'});
const weekday = new Intl.DateTimeFormat(undefined, {weekday: 'long'});
const shortDate = new Intl.DateTimeFormat(undefined, {day: 'numeric', month: 'short'});
const longDate = new Intl.DateTimeFormat(undefined, {weekday: 'long', day: 'numeric', month: 'long', year: 'numeric'});
const full = new Intl.DateTimeFormat(undefined, {dateStyle: 'full', timeStyle: 'medium'});
const medium = new Intl.DateTimeFormat(undefined, {dateStyle: 'medium', timeStyle: 'short'});

const midnight = (ms) => new Date(ms).setHours(0, 0, 0, 0);

export const dayOf = (ms) => String(midnight(ms));
export const timeOf = (iso) => clock.format(new Date(iso));
/** Without a.m. and p.m., for narrow columns. */
export const gutterTime = (iso) =>
  clock.formatToParts(new Date(iso)).filter(({type}) => type === 'hour' || type === 'minute').map(({value}) => value).join(':');
export const fullTime = (iso) => full.format(new Date(iso));
export const dateTime = (iso) => medium.format(new Date(iso));

export function dayName(ms, now = Date.now()) {
  const days = Math.round((midnight(now) - midnight(ms)) / DAY);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  return longDate.format(new Date(ms));
}

/** Short form for lists: the time today, the weekday this week, else the date. */
export function shortTime(iso, now = Date.now()) {
  if (!iso) return '';
  const ms = Date.parse(iso);
  const days = Math.round((midnight(now) - midnight(ms)) / DAY);
  if (days === 0) return clock.format(new Date(ms));
  if (days === 1) return 'Yesterday';
  return days < 7 ? weekday.format(new Date(ms)) : shortDate.format(new Date(ms));
}

export function people(count) {
  return count === 1 ? '1 member' : `${Number(count ?? 0).toLocaleString()} members`;
}
