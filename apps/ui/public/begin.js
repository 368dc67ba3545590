// What cannot wait for the code of the page. A file of its own: the content security policy allows
// no inline scripts.

// Before anything is painted, so that a chosen theme never flashes the other one.
try {
  const theme = localStorage.getItem('innkeeper.theme');
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is forbidden here: the system's theme it is.
}

// Who is signed in: asked for while the code that is going to ask is still on its way. A sign-in
// link asks something else.
if (location.hash === '') {
  const link = document.createElement('link');
  Object.assign(link, {
    rel: 'preload',
    as: 'fetch',
    crossOrigin: 'anonymous',
    href: '/v1/session',
  });
  document.head.append(link);
}
