import { expect, test } from 'vitest';
import { makeRecordingLog } from '../../../../test/support/http-served-app.ts';
import { makeEndings } from './endings.ts';

test('each listener learns of an end until it has enough, whatever the others do', () => {
  const { log, lines } = makeRecordingLog();
  const endings = makeEndings(log);
  const heard: string[] = [];
  endings.listen(() => {
    throw new Error('no');
  });
  const stop = endings.listen((id) => heard.push(id));
  endings.tell('a');
  stop();
  endings.tell('b');
  expect(heard).toEqual(['a']);
  expect(lines.map(({ level }) => level)).toEqual(['error', 'error']);
});
