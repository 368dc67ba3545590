/** Text to take along: a command, a configuration, a secret. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { copyText } from './copy-text.ts';
import { Icon } from './icons.tsx';
import './copy-block.css';

const SAID_MS = 2_000;

const copy = async (element: HTMLElement): Promise<'copied' | 'selected'> => {
  if (await copyText(element.textContent ?? '')) return 'copied';
  window.getSelection()?.selectAllChildren(element);
  return 'selected';
};

const WORDS = { copied: 'Copied', selected: 'Selected: press Ctrl+C' } as const;

export const CopyBlock = ({
  text,
  label,
  isLong = false,
}: {
  readonly text: string;
  /** Of what is copied, for those who do not see it: "the public key". */
  readonly label: string;
  /** It gets a box of its own to move in. */
  readonly isLong?: boolean;
}): JSX.Element => {
  const code = useRef<HTMLElement>(null);
  const [said, setSaid] = useState<keyof typeof WORDS | undefined>(undefined);
  useEffect(() => {
    if (said === undefined) return undefined;
    const timer = setTimeout(() => setSaid(undefined), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <div class="copy-block">
      <pre
        role="region"
        aria-label={label}
        {...(isLong ? { class: 'copy-block-long', tabIndex: 0 } : {})}
      >
        <code ref={code}>{text}</code>
      </pre>
      <button
        type="button"
        class="button"
        aria-label={`Copy ${label}`}
        onClick={() => {
          if (code.current !== null) void copy(code.current).then(setSaid);
        }}
      >
        <Icon name={said === undefined ? 'copy' : 'check'} />
        <span role="status">{said === undefined ? 'Copy' : WORDS[said]}</span>
      </button>
    </div>
  );
};
