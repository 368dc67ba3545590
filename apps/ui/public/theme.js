// A file of its own: the content security policy allows no inline scripts.
try {
  const theme = localStorage.getItem('innkeeper.theme');
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is forbidden here: the system's theme it is.
}
