import {html} from './base.js';
import {svg} from '../../vendor/lit-html/lit-html.js';

const icon = (body) => html`<svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round">${body}</svg>`;


const of = (paths) => icon(svg`${paths.map((d) => svg`<path d=${d}></path>`)}`);

export const icons = {
  plus: of(['M10 4v12M4 10h12']),
  search: of(['M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12Z', 'm13.5 13.5 3.5 3.5']),
  compass: of(['M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15Z', 'm12.8 7.2-1.5 4.1-4.1 1.5 1.5-4.1 4.1-1.5Z']),
  mail: of(['M3.5 5h13a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1h-13a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1Z', 'm3 6 7 5 7-5']),
  people: of(['M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z', 'M2 16.5c.3-3 2.5-4.5 5.5-4.5s5.2 1.5 5.5 4.5', 'M13 3.8a3 3 0 0 1 0 5.4', 'M15 12.3c1.8.6 2.8 2.1 3 4.2']),
  settings: of(['M3 6h7M14 6h3M3 14h3M10 14h7', 'M12 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z', 'M8 16a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z']),
  send: of(['M16.8 3.2 9 11', 'm16.8 3.2-5 13.6L9 11l-5.8-2.8 13.6-5Z']),
  reply: of(['M8 5 3.5 9.5 8 14', 'M4 9.5h7.5a5 5 0 0 1 5 5v.5']),
  edit: of(['m13.5 3.5 3 3L7 16l-3.7.7L4 13l9.5-9.5Z']),
  recall: of(['M4 6h12M8 6V4h4v2M5.5 6l.7 10.5h7.6L14.5 6M8.5 9v5M11.5 9v5']),
  more: of(['M5 10h.01M10 10h.01M15 10h.01']),
  close: of(['m5 5 10 10M15 5 5 15']),
  back: of(['M12 4.5 6.5 10l5.5 5.5']),
  down: of(['m5 8 5 5 5-5']),
  check: of(['m4 10.5 4 4 8-9']),
  lock: of(['M5 9h10v7.5H5V9Z', 'M7 9V6.5a3 3 0 0 1 6 0V9']),
  globe: of(['M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15Z', 'M2.5 10h15', 'M10 2.5c2.2 2 3.2 4.5 3.2 7.5s-1 5.5-3.2 7.5c-2.2-2-3.2-4.5-3.2-7.5S7.8 4.5 10 2.5Z']),
  door: of(['M5 17V3.5h8.5V17M3 17h14', 'M11 10.5v.01']),
  megaphone: of(['M3 8.5v3l9.5 4v-11L3 8.5Z', 'M15.5 7.5a3.5 3.5 0 0 1 0 5', 'm5.5 12.5 1 4h2.2l-.7-3']),
  sun: of(['M10 13.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z', 'M10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M4.3 15.7l1.1-1.1M14.6 5.4l1.1-1.1']),
  moon: of(['M16.5 12A7 7 0 0 1 8 3.5a7 7 0 1 0 8.5 8.5Z']),
  auto: of(['M3 4.5h14v9H3v-9ZM7.5 17h5']),
  exit: of(['M8 3.5H4v13h4', 'M8 10h9M13.5 6.5 17 10l-3.5 3.5']),
  shield: of(['M10 2.5 16 5v4.5c0 3.7-2.5 6.5-6 8-3.5-1.5-6-4.3-6-8V5l6-2.5Z']),
  nodes: of(['M3 3.5h14v5H3v-5ZM3 11.5h14v5H3v-5Z', 'M6 6h.01M6 14h.01M9 6h5M9 14h5']),
  clock: of(['M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15Z', 'M10 6v4.2l2.7 1.8']),
  warn: of(['M10 3 2.5 16.5h15L10 3Z', 'M10 8v4M10 14.3v.01']),
  retry: of(['M16 10a6 6 0 1 1-1.8-4.3L16 7.5', 'M16 3.5v4h-4']),
  archive: of(['M3 4h14v3.5H3V4Z', 'M4.2 7.5V16h11.6V7.5M8 11h4']),
  chat: of(['M3 4.5h14v9.5H9.5L6 17v-3H3V4.5Z']),
};

export const typeIcon = (type) =>
  ({PUBLIC: icons.globe, REQUEST: icons.door, PRIVATE: icons.lock, ANNOUNCEMENT: icons.megaphone})[type] ?? icons.chat;

export const logo = html`<svg class="logo" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="9" fill="var(--accent)"></rect><path d="M9 22.5V10.2C9 9 9.9 8 11.1 8h6.3a5.6 5.6 0 0 1 0 11.2H13" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"></path><circle cx="17.2" cy="13.6" r="1.9" fill="#9ff0e1"></circle></svg>`;
