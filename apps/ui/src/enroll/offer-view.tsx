/** What was made with a token in it: to copy or to save, for as long as it is good. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { formatDuration } from '../format/duration.ts';
import { CopyBlock } from '../ui/copy-block.tsx';
import { Icon } from '../ui/icons.tsx';
import { seedName, withWget } from './install-lines.ts';
import type { Made } from './make-offer.ts';
import type { OfferState } from './offer-state.ts';

const Image = ({
  vmId,
  image,
}: {
  readonly vmId: string;
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
    <a class="button enroll-save" href={url} download={seedName(vmId)}>
      <Icon name="download" />
      Save {seedName(vmId)}
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

const What = ({ vmId, made }: { readonly vmId: string; readonly made: Made }): JSX.Element => {
  switch (made.kind) {
    case 'command':
      return <Command text={made.text} />;
    case 'iso':
      return <Image vmId={vmId} image={made.image} />;
    default:
      return <CopyBlock label={`the ${made.kind}`} text={made.text} isLong />;
  }
};

const GONE = {
  used: 'The token was used: a machine has enrolled with it.',
  expired: 'The token has expired, nobody has used it. Make a new one.',
  replaced: 'Another token was made since, or this one was revoked: it is of no use any more.',
} as const;

export const OfferView = ({
  vmId,
  made,
  state,
}: {
  readonly vmId: string;
  readonly made: Made | undefined;
  readonly state: OfferState;
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
      <p class="note" role="status">
        {GONE[state.kind === 'good' ? 'replaced' : state.kind]}
      </p>
    );
  }
  return (
    <>
      <What vmId={vmId} made={made} />
      <p class="muted enroll-left">
        Good once, for another <b>{formatDuration(state.leftMs / 1000)}</b>. Whoever has it can
        enrol as this VM: it is not shown again after a reload.
      </p>
    </>
  );
};
