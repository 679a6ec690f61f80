const LINK = /\bhttps?:\/\/[^\s<>"'`]+/gi;

/**
 * Splits a text into plain parts and http(s) links. Nothing here makes markup: the parts are rendered as
 * text nodes and as anchors whose address starts with http:// or https://, nothing else.
 *
 * @param {string} text
 * @returns {{text: string, href?: string}[]}
 */
export function linkify(text) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    const link = withoutTail(match[0]);
    if (!isWeb(link)) continue;
    if (match.index > from) parts.push({text: text.slice(from, match.index)});
    parts.push({text: link, href: link});
    from = match.index + link.length;
  }
  if (from < text.length) parts.push({text: text.slice(from)});
  return parts;
}

/** Punctuation that ends a sentence is not part of a link; a closing bracket is only when it was opened. */
function withoutTail(link) {
  for (;;) {
    const last = link.at(-1);
    const unopened =
      (last === ')' && count(link, ')') > count(link, '(')) || (last === ']' && count(link, ']') > count(link, '['));
    if (!unopened && !'.,;:!?*_'.includes(last)) return link;
    link = link.slice(0, -1);
  }
}

function isWeb(link) {
  return /^https?:\/\/[^/\s]+/i.test(link);
}

function count(text, character) {
  return text.split(character).length - 1;
}
