/** Where the user is: the URL holds all of it, so that back, forward and a shared link work. */
import { signal, type ReadonlySignal } from '@preact/signals';

export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

export interface Navigation {
  readonly place: ReadonlySignal<Place>;
  /** A new entry of the history; `replace` for what nobody wants to go back to, such as typing. */
  go(href: string, options?: { readonly replace?: boolean }): void;
  /** Changes parameters of the place; null takes one away. */
  setQuery(
    changes: Readonly<Record<string, string | null>>,
    options?: { readonly replace?: boolean },
  ): void;
  stop(): void;
}

const readPlace = (window: Window): Place => ({
  path: window.location.pathname,
  query: new URLSearchParams(window.location.search),
});

/** Follows clicks on plain links of the page itself; what a modifier key makes of a click stays. */
const internalHref = (window: Window, event: MouseEvent): string | undefined => {
  const modified = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (event.defaultPrevented || event.button !== 0 || modified) return undefined;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link === null || link.target !== '' || link.hasAttribute('download')) return undefined;
  const url = new URL(link.href, window.location.href);
  const isPage =
    url.origin === window.location.origin && !/^\/(?:v1|docs|openapi)/u.test(url.pathname);
  return isPage ? `${url.pathname}${url.search}` : undefined;
};

export const makeNavigation = (window: Window): Navigation => {
  const place = signal(readPlace(window));
  const refresh = (): void => {
    place.value = readPlace(window);
  };
  const go: Navigation['go'] = (href, { replace = false } = {}) => {
    if (replace) window.history.replaceState(null, '', href);
    else window.history.pushState(null, '', href);
    refresh();
  };
  const onClick = (event: MouseEvent): void => {
    const href = internalHref(window, event);
    if (href === undefined) return;
    event.preventDefault();
    go(href);
    window.scrollTo(0, 0);
  };
  window.addEventListener('popstate', refresh);
  window.document.addEventListener('click', onClick);
  return {
    place,
    go,
    setQuery: (changes, options) => {
      const query = new URLSearchParams(place.value.query);
      for (const [name, value] of Object.entries(changes)) {
        if (value === null) query.delete(name);
        else query.set(name, value);
      }
      const search = query.toString();
      go(`${place.value.path}${search === '' ? '' : `?${search}`}`, options);
    },
    stop: () => {
      window.removeEventListener('popstate', refresh);
      window.document.removeEventListener('click', onClick);
    },
  };
};
