/**
 * Turns a timeline's entries into rows: day dividers, the divider before unread messages, messages joined with
 * the one before when the same person goes on within five minutes, and system lines; people who come, go or
 * are added one after the other share a line.
 */
const JOIN_WINDOW = 5 * 60_000;
const SILENT = new Set(['message.edited', 'message.recalled', 'read.marked']);

/**
 * @param {object[]} entries ascending, current state
 * @param {{readSeq: number, me: number, dayOf: (ms: number) => string}} options readSeq: the position when the
 *     group was opened, -1 for no divider
 */
export function rowsOf(entries, {readSeq, me, dayOf}) {
  const rows = [];
  let day = null;
  let last = null;
  let divided = readSeq < 0;
  for (const entry of entries) {
    if (SILENT.has(entry.kind)) continue;
    const at = Date.parse(entry.at);
    const today = dayOf(at);
    if (today !== day) {
      rows.push({type: 'day', key: `d${today}`, at});
      day = today;
      last = null;
    }
    const message = entry.kind === 'message.posted';
    if (!divided && message && entry.seq > readSeq && entry.by?.id !== me) {
      rows.push({type: 'unread', key: 'unread'});
      divided = true;
      last = null;
    }
    if (message) {
      const joined =
        last !== null && last.by?.id === entry.by?.id && at - Date.parse(last.at) < JOIN_WINDOW && !entry.replyTo;
      rows.push({type: 'message', key: `m${entry.seq}`, entry, joined});
      last = entry;
    } else {
      const before = rows.at(-1);
      if (before?.type === 'system' && alike(before.entry, entry)) {
        before.more = [...(before.more ?? []), entry];
      } else {
        rows.push({type: 'system', key: `s${entry.seq}`, entry});
      }
      last = null;
    }
  }
  return rows;
}

/** Both came by themselves, or went, or were added by the same person. */
function alike(one, other) {
  if (one.kind !== other.kind) return false;
  if (one.kind === 'member.left') return true;
  if (one.kind !== 'member.joined') return false;
  const adder = ({by, subject}) => (subject && subject.id !== by?.id ? (by?.id ?? 0) : -1);
  return adder(one) === adder(other);
}

/** Two letters for an avatar. */
export function initials(name) {
  const words = String(name ?? '').trim().split(/\s+/).filter(Boolean);
  if (words.length === 0) return '?';
  const first = [...words[0]][0];
  const second = words.length > 1 ? [...words.at(-1)][0] : ([...words[0]][1] ?? '');
  return (first + second).toUpperCase();
}

/** A colour (0 to 11) that stays with an id. */
export function hueOf(id) {
  let hash = 2166136261;
  for (const character of String(id)) hash = Math.imul(hash ^ character.codePointAt(0), 16777619);
  return (hash >>> 8) % 12;
}
