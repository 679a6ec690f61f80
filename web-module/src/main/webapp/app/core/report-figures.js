/** What follows from two looks at the queue of reports. */

/** Reports made durable a second between two answers of the status; null when it cannot be told. */
export function rateBetween(before, now) {
  if (!before || !now || before.node !== now.node) return null;
  const millis = Date.parse(now.at) - Date.parse(before.at);
  const more = now.appended - before.appended;
  return millis > 0 && more >= 0 ? (more * 1000) / millis : null;
}

/** The same for each consumer group: how fast it gets done. */
export function drainRates(before, now) {
  const rates = {};
  const millis = before && now ? Date.parse(now.at) - Date.parse(before.at) : 0;
  if (millis <= 0 || before.node !== now.node) return rates;
  for (const group of now.groups) {
    const earlier = before.groups.find(({name}) => name === group.name);
    if (earlier && group.acked >= earlier.acked) rates[group.name] = ((group.acked - earlier.acked) * 1000) / millis;
  }
  return rates;
}

/** How full a buffer is, from 0 to 1, by whichever of its bounds is nearer. */
export function fill(buffer) {
  if (!buffer) return 0;
  return Math.min(1, Math.max(buffer.count / buffer.maxCount, buffer.bytes / buffer.maxBytes));
}

/** Totals of the last hours, oldest first, hours without reports included. */
export function hourly(summaries, hours, nowMillis) {
  const totals = new Map();
  for (const {hour, reports} of summaries) totals.set(Date.parse(hour), (totals.get(Date.parse(hour)) ?? 0) + reports);
  const last = Math.floor(nowMillis / 3_600_000) * 3_600_000;
  return Array.from({length: hours}, (_, i) => {
    const at = last - (hours - 1 - i) * 3_600_000;
    return {at, reports: totals.get(at) ?? 0};
  });
}

/** The sources with most reports. */
export function bySource(summaries, most) {
  const totals = new Map();
  for (const {source, reports} of summaries) totals.set(source, (totals.get(source) ?? 0) + reports);
  return [...totals].map(([source, reports]) => ({source, reports})).sort((a, b) => b.reports - a.reports || (a.source < b.source ? -1 : 1)).slice(0, most);
}

/** A number in few characters: 1.2k, 3.4M. */
export function short(number) {
  if (number == null) return '–';
  const units = ['', 'k', 'M', 'G', 'T'];
  let unit = 0;
  let value = number;
  while (Math.abs(value) >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit && value < 10 ? value.toFixed(1) : Math.round(value)}${units[unit]}`;
}

/** Bytes in few characters. */
export function bytes(number) {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let value = number ?? 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
