/**
 * Sends a frame of the page over REST, where the live connection only listens. The answer is the frame that a
 * WebSocket would have given.
 *
 * @param {import('./api.js').Api} api
 * @param {{type: string, id?: string, group: string}} frame
 * @returns {Promise<object|null>|null} null for frames that REST has no operation for
 */
export function overRest(api, frame) {
  switch (frame.type) {
    case 'post':
      return api.post(`/groups/${frame.group}/messages`, {text: frame.text, replyTo: frame.replyTo}, frame.id).then(
        (stored) => ({type: 'ack', id: frame.id, group: frame.group, seq: stored.seq, no: stored.no}),
        (problem) => ({
          type: 'error',
          id: frame.id,
          code: problem.code,
          // Whether the server has it is not known: it is sent again with the same id.
          status: problem.status || 503,
          title: problem.title,
          detail: problem.detail,
          retryAfter: problem.retryAfter,
        }));
    case 'read':
      return api.put(`/groups/${frame.group}/read-position`, {seq: frame.seq}).then(() => null, () => null);
    case 'report':
      return api.post('/reports', frame.report, frame.id).then(() => null, () => null);
    default:
      return null;
  }
}
