/**
 * The page's knowledge as a value: every change is `reduce(state, event) -> state`, without side effects, so
 * that the stream's rules (order, doubles, holes, current state of messages) are tested without a browser.
 *
 * A group's timeline is a run of entries without holes from `entries[0].seq` to `to`. Live entries that would
 * leave a hole wait in `ahead` until the gap is filled; `gapOf` says what to fetch.
 */
const AHEAD_LIMIT = 1000;

export function emptyState() {
  return {me: null, groups: {}, timelines: {}, typing: {}, pending: []};
}

export function reduce(state, event) {
  switch (event.type) {
    case 'signed-in':
      return {...emptyState(), me: event.account};
    case 'groups':
      return withGroups(state, event.items);
    case 'group':
      return withGroup(state, {...event.group, privileged: state.me?.admin ?? false});
    case 'group-left':
      return withoutGroup(state, event.group);
    case 'pending':
      return {...state, pending: event.items};
    case 'page':
      return withPage(state, event);
    case 'entries':
      return withEntries(state, event.group, event.entries);
    case 'heads':
      return withHeads(state, event.heads);
    case 'read':
      return withRead(state, event);
    case 'typing':
      return {
        ...state,
        typing: {
          ...state.typing,
          [event.group]: {...state.typing[event.group], [event.by.id]: {name: event.by.name, until: event.now + 5000}},
        },
      };
    case 'another-history':
      return anotherHistory(state, event);
    case 'close-timeline':
      return {...state, timelines: {...state.timelines, [event.group]: undefined}};
    default:
      return state;
  }
}

/** Groups that invite me. */
export function invitationsOf(state) {
  return state.pending.filter((group) => group.relation === 'INVITED');
}

/** Messages posted after my read position. */
export function unreadOf(group) {
  return Math.max(0, (group.head?.no ?? 0) - (group.read?.no ?? 0));
}

/**
 * The last sequence the page has without a hole: what a new connection resumes from.
 *
 * @param {number} open when finite, only so many groups with an open timeline; the others are told by heads
 */
export function resumeMap(state, open = Infinity) {
  const map = {};
  let left = open;
  for (const [id, group] of Object.entries(state.groups)) {
    const timeline = state.timelines[id];
    if (!group.role || (Number.isFinite(open) && (!timeline || left-- <= 0))) continue;
    map[id] = timeline?.to ?? group.head.seq;
  }
  return map;
}

/** Whether the server was restored to an earlier state. It says so: a head below ours may only be of a moment ago. */
export function tellsAnotherHistory(frame) {
  return frame.type === 'resync' && frame.history === 'other';
}

/** The missing run of an open timeline, or null: `{from, upTo}`, both inclusive. */
export function gapOf(state, group) {
  const timeline = state.timelines[group];
  if (!timeline) return null;
  const known = Math.max(timeline.known ?? 0, timeline.ahead.at(-1)?.seq ?? 0);
  return known > timeline.to ? {from: timeline.to + 1, upTo: known} : null;
}

/** Who types in the group now, without me. */
export function typersOf(state, group, now) {
  return Object.entries(state.typing[group] ?? {})
    .filter(([id, typer]) => Number(id) !== state.me?.id && typer.until > now)
    .map(([, typer]) => typer.name);
}

function withGroups(state, items) {
  const groups = {};
  for (const item of items) groups[item.id] = merge(state.groups[item.id], {...item, privileged: state.me?.admin ?? false});
  for (const [id, group] of Object.entries(state.groups)) if (!groups[id] && !group.role) groups[id] = group;
  const gone = Object.keys(state.timelines).some((id) => !groups[id]);
  if (!gone) return {...state, groups};
  return {...state, groups, timelines: Object.fromEntries(Object.entries(state.timelines).filter(([id]) => groups[id]))};
}

function withGroup(state, group) {
  return {...state, groups: {...state.groups, [group.id]: merge(state.groups[group.id], group)}};
}

/** A fetched view may be older than what the stream has told: heads and positions only go forward. */
function merge(old, fresh) {
  if (!old) return fresh;
  const merged = {...old, ...fresh};
  if ((old.head?.seq ?? 0) > (fresh.head?.seq ?? 0)) merged.head = old.head;
  else if (fresh.head && !fresh.head.at && old.head?.at) merged.head = {...fresh.head, at: old.head.at, preview: old.head.preview};
  if ((old.read?.seq ?? 0) > (fresh.read?.seq ?? 0)) merged.read = old.read;
  return merged;
}

function withoutGroup(state, id) {
  const groups = {...state.groups};
  const timelines = {...state.timelines};
  delete groups[id];
  delete timelines[id];
  return {...state, groups, timelines};
}

function withPage(state, {group, page, before}) {
  const old = state.timelines[group];
  let timeline;
  if (before && old) {
    const older = page.entries.filter((entry) => entry.seq < (old.entries[0]?.seq ?? old.to + 1));
    timeline = {...old, entries: [...older, ...old.entries], firstSeq: page.firstSeq, atStart: startsAt(older, page)};
  } else {
    const to = page.entries.at(-1)?.seq ?? page.head.seq;
    timeline = {
      entries: page.entries,
      to,
      firstSeq: page.firstSeq,
      atStart: startsAt(page.entries, page),
      ahead: old?.ahead.filter((entry) => entry.seq > to) ?? [],
      known: Math.max(page.head.seq, old?.known ?? 0),
    };
  }
  const next = {...state, timelines: {...state.timelines, [group]: timeline}};
  return advance(next, group, []);
}

function startsAt(entries, page) {
  return entries.length === 0 || entries[0].seq <= page.firstSeq;
}

/** Live or fetched entries, in any order, possibly seen before. */
function withEntries(state, group, entries) {
  let next = withoutTyping(withSummary(state, group, entries), group, entries);
  if (next.timelines[group]) next = advance(next, group, entries);
  return next;
}

/** Who has sent what they typed does not type any more. */
function withoutTyping(state, group, entries) {
  const typing = state.typing[group];
  const authors = entries.filter((entry) => entry.kind === 'message.posted' && typing?.[entry.by?.id]).map((entry) => entry.by.id);
  if (authors.length === 0) return state;
  const left = Object.fromEntries(Object.entries(typing).filter(([id]) => !authors.includes(Number(id))));
  return {...state, typing: {...state.typing, [group]: left}};
}

function advance(state, group, entries) {
  const timeline = state.timelines[group];
  const waiting = [...timeline.ahead, ...entries]
    .filter((entry) => entry.seq > timeline.to)
    .sort((a, b) => a.seq - b.seq);
  const added = [];
  const ahead = [];
  let to = timeline.to;
  for (const entry of waiting) {
    if (entry.seq === to + 1) {
      added.push(entry);
      to = entry.seq;
    } else if (entry.seq > to && ahead.at(-1)?.seq !== entry.seq) {
      ahead.push(entry);
    }
  }
  if (added.length === 0 && ahead.length === timeline.ahead.length) return state;
  const overflow = ahead.length > AHEAD_LIMIT;
  return {
    ...state,
    timelines: {
      ...state.timelines,
      [group]: {
        ...timeline,
        entries: added.length === 0 ? timeline.entries : current([...timeline.entries, ...added], added),
        to,
        ahead: overflow ? [] : ahead,
        known: overflow ? Math.max(timeline.known ?? 0, ahead.at(-1).seq) : timeline.known,
      },
    },
  };
}

/** Edits and recalls change the message they name; trimming removes what is older. */
function current(entries, added) {
  let result = entries;
  for (const entry of added) {
    if (entry.kind === 'message.edited') {
      result = result.map((e) =>
        e.seq === entry.target && !e.recalledAt ? {...e, text: entry.text, editedAt: entry.at} : e);
    } else if (entry.kind === 'message.recalled') {
      result = result.map((e) => {
        if (e.seq !== entry.target && !(e.kind === 'message.edited' && e.target === entry.target)) return e;
        const {text, ...rest} = e;
        return {...rest, recalledAt: entry.at};
      });
    } else if (entry.kind === 'history.trimmed' && entry.upTo) {
      result = result.filter((e) => e.seq > entry.upTo);
    }
  }
  return result;
}

/** What the list of groups shows: head, preview, settings, my own membership. */
function withSummary(state, id, entries) {
  const group = state.groups[id];
  if (!group) return state;
  let next = group;
  for (const entry of entries) {
    if (entry.seq <= (next.head?.seq ?? 0)) continue;
    next = {...next, head: {seq: entry.seq, no: Math.max(entry.no ?? 0, next.head?.no ?? 0), at: entry.at, preview: next.head?.preview}};
    next = applied(next, entry, state.me?.id);
  }
  return next === group ? state : {...state, groups: {...state.groups, [id]: next}};
}

function applied(group, entry, me) {
  const mine = entry.subject ? entry.subject.id === me : entry.by?.id === me;
  switch (entry.kind) {
    case 'message.posted':
      return {
        ...group,
        head: {...group.head, preview: {by: entry.by, text: entry.text, seq: entry.seq}},
        // What I wrote myself is read by me.
        read: entry.by?.id === me && unreadOf(group) <= 1 ? {seq: entry.seq, no: group.head.no} : group.read,
      };
    case 'message.edited':
      return group.head.preview?.seq === entry.target
        ? {...group, head: {...group.head, preview: {...group.head.preview, text: entry.text}}}
        : group;
    case 'message.recalled':
      return group.head.preview?.seq === entry.target
        ? {...group, head: {...group.head, preview: {...group.head.preview, text: null}}}
        : group;
    case 'group.changed': {
      const changes = Object.fromEntries(Object.entries(entry.group ?? {}).filter(([, value]) => value != null));
      return {...group, ...changes};
    }
    case 'group.archived':
      return {...group, status: 'ARCHIVED'};
    case 'group.restored':
      return {...group, status: 'ACTIVE'};
    case 'group.dissolved':
      return {...group, status: 'DISSOLVED'};
    case 'member.joined':
      return {...group, memberCount: (group.memberCount ?? 0) + 1};
    case 'member.left':
      return {...group, memberCount: Math.max(0, (group.memberCount ?? 1) - 1)};
    case 'member.removed':
      return {...group, memberCount: Math.max(0, (group.memberCount ?? 1) - 1), role: mine ? null : group.role};
    case 'member.banned':
      return {...group, role: mine ? null : group.role};
    case 'member.muted':
      return mine ? {...group, mutedUntil: entry.until} : group;
    case 'member.unmuted':
      return mine ? {...group, mutedUntil: null} : group;
    case 'role.changed':
      return mine ? {...group, role: entry.role} : group;
    case 'ownership.transferred':
      if (mine) return {...group, role: 'OWNER'};
      return entry.by?.id === me ? {...group, role: 'ADMIN'} : group;
    default:
      return group;
  }
}

/** The server was restored to an earlier state: what we know of the group beyond its head never was. */
function anotherHistory(state, {group, head}) {
  const old = state.groups[group];
  const groups = old ? {...state.groups, [group]: {...old, head: {seq: head, no: 0}, read: {seq: 0, no: 0}}} : state.groups;
  return {...state, groups, timelines: {...state.timelines, [group]: undefined}};
}

/** Heads told by the server: a head beyond what the page has is a gap to fill, silence is never loss. */
function withHeads(state, heads) {
  let timelines = state.timelines;
  let groups = state.groups;
  for (const [id, value] of Object.entries(heads)) {
    const head = typeof value === 'number' ? {seq: value} : value;
    const timeline = timelines[id];
    if (timeline && head.seq > Math.max(timeline.to, timeline.known ?? 0)) {
      timelines = {...timelines, [id]: {...timeline, known: head.seq}};
    }
    const group = groups[id];
    // Only the count: entries still to come say the rest (settings, preview) and move the head themselves.
    if (group && head.no > (group.head?.no ?? 0)) {
      groups = {...groups, [id]: {...group, head: {...group.head, no: head.no}}};
    }
  }
  return groups === state.groups && timelines === state.timelines ? state : {...state, groups, timelines};
}

function withRead(state, {group: id, seq, no}) {
  const group = state.groups[id];
  if (!group || seq <= (group.read?.seq ?? 0)) return state;
  return {...state, groups: {...state.groups, [id]: {...group, read: {seq, no: Math.max(no, group.read?.no ?? 0)}}}};
}
