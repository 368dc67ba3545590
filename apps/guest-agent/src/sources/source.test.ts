import { describe, expect, it } from 'vitest';
import { makeFakeFiles } from '../testing/fake-files.ts';
import { makeSource } from './source.ts';

const PATH = '/sys/class/net/eth0/mtu';

describe('makeSource', () => {
  it('does not open its file before somebody reads', () => {
    const files = makeFakeFiles({ [PATH]: '1500\n' });
    makeSource(files, PATH);
    expect(files.openCount()).toBe(0);
  });

  it('keeps its file open, and reads what is in it now', () => {
    const files = makeFakeFiles({ [PATH]: '1500\n' });
    const source = makeSource(files, PATH);
    expect(source.read()).toEqual({ ok: true, value: '1500\n' });
    files.set(PATH, '9000\n');
    expect(source.read()).toEqual({ ok: true, value: '9000\n' });
    expect(files.openCount()).toBe(1);
  });

  it('opens the file anew when its device has gone and come back', () => {
    const files = makeFakeFiles({ [PATH]: '1500\n' });
    const source = makeSource(files, PATH);
    source.read();
    files.unplug(PATH);
    files.set(PATH, '9000\n');
    expect(source.read()).toEqual({ ok: true, value: '9000\n' });
    expect(files.openCount()).toBe(1);
  });

  it('says why while the file is not there, and reads it when it is', () => {
    const files = makeFakeFiles();
    const source = makeSource(files, PATH);
    expect(source.read()).toMatchObject({ ok: false, error: { code: 'ENOENT' } });
    files.set(PATH, '1500\n');
    expect(source.read()).toEqual({ ok: true, value: '1500\n' });
  });

  it('leaves nothing open after a failure', () => {
    const files = makeFakeFiles({ [PATH]: '1500\n' });
    const source = makeSource(files, PATH);
    source.read();
    files.unplug(PATH);
    expect(source.read()).toMatchObject({ ok: false, error: { code: 'ENOENT' } });
    expect(files.openCount()).toBe(0);
  });

  it('recovers from a file that opens but cannot be read', () => {
    const files = makeFakeFiles({ [PATH]: '1500\n' });
    const source = makeSource(files, PATH);
    source.read();
    files.fail(PATH, 'EINVAL');
    expect(source.read()).toMatchObject({ ok: false, error: { code: 'EINVAL' } });
    expect(files.openCount()).toBe(0);
    files.set(PATH, '1500\n');
    expect(source.read()).toEqual({ ok: true, value: '1500\n' });
  });

  it('can be closed, twice, and read again', () => {
    const files = makeFakeFiles({ [PATH]: '1500\n' });
    const source = makeSource(files, PATH);
    source.read();
    source.close();
    source.close();
    expect(files.openCount()).toBe(0);
    files.replace(PATH, 'new\n');
    expect(source.read()).toEqual({ ok: true, value: 'new\n' });
  });
});
