/** A page whose code comes when somebody goes there, so that the first one is there sooner. */
import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

type Loaded<Props> =
  | { readonly kind: 'loading' }
  | { readonly kind: 'there'; readonly Page: ComponentType<Props> }
  | { readonly kind: 'failed' };

/** The manager has been updated since, or cannot be reached. */
const NotLoaded = (): JSX.Element => (
  <div class="page">
    <div class="empty" role="alert">
      <h2>This page could not be loaded</h2>
      <p>The manager cannot be reached, or it has been updated since this page was opened.</p>
      <button type="button" class="button" onClick={() => window.location.reload()}>
        Reload
      </button>
    </div>
  </div>
);

export const lazyPage = <Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): ((props: Props) => JSX.Element) => {
  let loaded: ComponentType<Props> | undefined;
  return (props) => {
    const [state, setState] = useState<Loaded<Props>>(() =>
      loaded === undefined ? { kind: 'loading' } : { kind: 'there', Page: loaded },
    );
    useEffect(() => {
      if (loaded !== undefined) return undefined;
      let wanted = true;
      load().then(
        (Page) => {
          loaded = Page;
          if (wanted) setState({ kind: 'there', Page });
        },
        () => {
          if (wanted) setState({ kind: 'failed' });
        },
      );
      return () => {
        wanted = false;
      };
    }, []);
    if (state.kind === 'failed') return <NotLoaded />;
    if (state.kind === 'there') return <state.Page {...props} />;
    return (
      <div class="page">
        <p class="muted" role="status">
          Loading
        </p>
      </div>
    );
  };
};
