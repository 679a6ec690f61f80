const KEY = 'plenum.theme';

/** 'system', 'light' or 'dark'. */
export function theme() {
  try {
    return localStorage.getItem(KEY) ?? 'system';
  } catch {
    return 'system';
  }
}

export function applyTheme(choice = new URLSearchParams(location.search).get('theme') ?? theme()) {
  const root = document.documentElement;
  if (choice === 'light' || choice === 'dark') root.dataset.theme = choice;
  else delete root.dataset.theme;
}

export function chooseTheme(choice) {
  localStorage.setItem(KEY, choice);
  applyTheme(choice);
}
