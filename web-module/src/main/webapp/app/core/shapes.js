/** Answers of the API in the form the page works with. */

export function groupOf(item) {
  const group = item.group ?? item;
  const mine = item.membership ?? item;
  const active = (mine.status ?? 'ACTIVE') === 'ACTIVE' || item.group === undefined;
  const head = item.head ?? group.head ?? {seq: group.headSeq ?? 0, no: group.headNo ?? 0};
  const read = item.readPosition ?? mine.readPosition ?? {seq: mine.readSeq ?? 0, no: mine.readNo ?? 0};
  return {
    id: group.id,
    type: group.type,
    name: group.name,
    topic: group.topic ?? '',
    postingRule: group.postingRule ?? 'EVERYONE',
    retentionDays: group.retentionDays ?? 0,
    status: group.status ?? 'ACTIVE',
    memberCount: group.memberCount ?? 0,
    role: (active && mine.role) || null,
    myStatus: item.myStatus ?? item.membership?.status ?? null,
    mutedUntil: mine.mutedUntil ?? null,
    head: {seq: head.seq ?? 0, no: head.no ?? 0, at: head.at ?? group.createdAt, preview: previewOf(head.preview)},
    read: {seq: read.seq ?? 0, no: read.no ?? 0},
  };
}

function previewOf(preview) {
  if (!preview) return null;
  return typeof preview === 'string' ? {by: null, text: preview} : preview;
}

export function personOf(item) {
  const account = item.account ?? item;
  return {
    id: account.id ?? item.accountId,
    name: account.displayName ?? account.name ?? item.accountName,
    login: account.displayName ? account.name : undefined,
    role: item.role ?? null,
    status: item.status ?? 'ACTIVE',
    mutedUntil: item.mutedUntil ?? null,
    since: item.since ?? null,
  };
}

export function invitationOf(item) {
  return {group: groupOf({group: item.group ?? item}), by: item.by ?? item.invitedBy ?? null, since: item.since ?? null};
}
