/** What was made with a token in it: to copy or to save, for as long as it is good. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { formatDuration } from '../format/duration.ts';
import { CopyBlock } from '../ui/copy-block.tsx';
import { Icon } from '../ui/icons.tsx';
import { seedName, withWget } from './install-lines.ts';
import type { Made } from './make-offer.ts';
import type { OfferState } from './offer-state.ts';

const Image = ({
  id,
  image,
}: {
  readonly id: string;
  readonly image: Blob;
}): JSX.Element | null => {
  const [url, setUrl] = useState<string | undefined>(undefined);
  useEffect(() => {
    const made = URL.createObjectURL(image);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [image]);
  if (url === undefined) return null;
  return (
    <a class="button enroll-save" href={url} download={seedName(id)}>
      <Icon name="download" />
      Save {seedName(id)}
    </a>
  );
};

const Command = ({ text }: { readonly text: string }): JSX.Element => {
  const wget = withWget(text);
  return (
    <>
      <CopyBlock label="the command" text={text} />
      {wget === undefined ? null : (
        <>
          <p class="secondary">Where there is no curl:</p>
          <CopyBlock label="the command with wget" text={wget} />
        </>
      )}
    </>
  );
};

const What = ({ id, made }: { readonly id: string; readonly made: Made }): JSX.Element => {
  switch (made.kind) {
    case 'command':
      return <Command text={made.text} />;
    case 'iso':
      return <Image id={id} image={made.image} />;
    default:
      return <CopyBlock label={`the ${made.kind}`} text={made.text} isLong />;
  }
};

const RenewButton = ({
  isBusy,
  onRenew,
}: {
  readonly isBusy: boolean;
  readonly onRenew: (() => void) | undefined;
}): JSX.Element | null =>
  onRenew === undefined ? null : (
    <button type="button" class="button" aria-disabled={isBusy} onClick={onRenew}>
      <Icon name="again" />
      New token
    </button>
  );

/** Takes the focus where the button that has made it is gone. */
const Shown = ({
  made,
  children,
}: {
  readonly made: Made;
  readonly children: ComponentChildren;
}): JSX.Element => {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { activeElement } = document;
    if (activeElement === document.body || activeElement?.localName === 'dialog') {
      box.current?.focus();
    }
  }, [made]);
  return (
    <div ref={box} tabIndex={-1} class="enroll-offer">
      {children}
    </div>
  );
};

const GONE = {
  used: 'The token was used: a machine has enrolled with it.',
  expired: 'The token has expired, nobody has used it.',
  replaced: 'Another token was made since, or this one was revoked: it is of no use any more.',
} as const;

export const OfferView = ({
  id,
  made,
  state,
  isBusy,
  onRenew,
}: {
  readonly id: string;
  readonly made: Made | undefined;
  readonly state: OfferState;
  readonly isBusy: boolean;
  /** Makes the same once more, with a new token. */
  readonly onRenew: (() => void) | undefined;
}): JSX.Element | null => {
  const { time } = useApp();
  if (state.kind === 'none') {
    return state.othersUntil === undefined ? null : (
      <p class="note">
        A token was made that is good until {time.clock(state.othersUntil)}. It is shown only once,
        where it was made; a new one takes its place.
      </p>
    );
  }
  if (state.kind !== 'good' || made === undefined) {
    return (
      <div class="note" role="status">
        <p>{GONE[state.kind === 'good' ? 'replaced' : state.kind]}</p>
        <RenewButton isBusy={isBusy} onRenew={onRenew} />
      </div>
    );
  }
  return (
    <Shown made={made}>
      <What id={id} made={made} />
      <div class="enroll-left">
        <p class="muted">
          Good once, for another <b>{formatDuration(state.leftMs / 1000)}</b>, until{' '}
          {time.clock(state.until)}. Whoever has it can enrol in its place: it is not shown again
          after a reload.
        </p>
        <RenewButton isBusy={isBusy} onRenew={onRenew} />
      </div>
    </Shown>
  );
};
