/** Why an agent is not let in, in words, and what somebody can do about it. */

const REFUSAL_ADVICE: ReadonlyMap<string, readonly [words: string, advice: string]> = new Map([
  [
    'token_unknown',
    ['This manager does not know the token', 'It was replaced by a newer one, or made elsewhere.'],
  ],
  ['token_expired', ['The token has expired', 'Make a new one, and use it within 15 minutes.']],
  [
    'token_used',
    [
      'The token was used before',
      'By another machine, or by this one before it lost its state. Make a new one.',
    ],
  ],
  ['token_revoked', ['The token was revoked', 'A newer one has replaced it: use that one.']],
  [
    'other_machine',
    [
      'The token belongs to another VM',
      'Take the id and the token from the same command or the same file.',
    ],
  ],
  [
    'bad_signature',
    ['The message is not signed by the key that it names', 'Install the agent again.'],
  ],
  [
    'cloned',
    [
      'Its disk is a copy: another VM has this key',
      'Add the copy as a VM of its own and use that token there; if that is refused too, remove /var/lib/guest-agent/state.json in it first.',
    ],
  ],
  ['unknown_agent', ['This manager has no such agent enrolled', 'Make a new token for it.']],
  [
    'key_replaced',
    [
      'Another key is enrolled for this VM by now',
      'If this is the right machine, make a new token for it.',
    ],
  ],
]);

export const refusalAdvice = ({
  code,
  message,
}: {
  readonly code: string;
  readonly message: string;
}): { readonly words: string; readonly advice: string } => {
  const [words, advice] = REFUSAL_ADVICE.get(code) ?? [message, ''];
  return { words, advice };
};

/** Within a sentence. */
export const refusalWords = (code: string): string => {
  const words = REFUSAL_ADVICE.get(code)?.[0];
  return words === undefined ? code : `${words.charAt(0).toLowerCase()}${words.slice(1)}`;
};
