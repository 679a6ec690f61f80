/** Answers of the API in the form the page works with. */

/** A group with the person's relation to it: role null for all but members. */
export function groupOf(item) {
  const group = item.group ?? item;
  const head = item.head ?? {};
  const read = item.readPosition ?? {};
  return {
    id: group.id,
    type: group.type,
    name: group.name,
    topic: group.topic ?? '',
    postingRule: group.postingRule ?? 'EVERYONE',
    retentionDays: group.retentionDays ?? 0,
    status: group.status ?? 'ACTIVE',
    memberCount: group.memberCount ?? 0,
    role: item.role ?? null,
    relation: item.membership ?? null,
    mutedUntil: item.mutedUntil ?? null,
    head: {seq: head.seq ?? 0, no: head.no ?? 0, at: head.at ?? null, preview: head.preview ?? null},
    read: {seq: read.seq ?? 0, no: read.no ?? 0},
  };
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
