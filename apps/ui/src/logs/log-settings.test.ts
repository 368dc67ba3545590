import { expect, test } from 'vitest';
import { makeLogSettings } from './log-settings.ts';

const storageWith = (text: string | null): Storage => {
  const held = new Map(text === null ? [] : [['innkeeper.logs', text]]);
  return {
    length: held.size,
    clear: () => held.clear(),
    key: () => null,
    getItem: (key) => held.get(key) ?? null,
    setItem: (key, value) => void held.set(key, value),
    removeItem: (key) => void held.delete(key),
  };
};

const DEFAULTS = { wrap: false, holdUnderPointer: true, stripOpen: false };

test('what was chosen is there the next time', () => {
  const storage = storageWith(null);
  makeLogSettings(storage).set('stripOpen', true);
  expect(makeLogSettings(storage).values.value).toStrictEqual({ ...DEFAULTS, stripOpen: true });
});

test.for([null, 'not JSON', '7', 'null', '{"wrap":"yes","other":true}'])(
  'of %j nothing is taken that is no setting',
  (text) => {
    expect(makeLogSettings(storageWith(text)).values.value).toStrictEqual(DEFAULTS);
  },
);
