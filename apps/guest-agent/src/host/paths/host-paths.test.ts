import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeFakeFiles } from '../../testing/fake-files.ts';
import { makeHostPaths } from './host-paths.ts';

const FILES = {
  '/run/vm/a.sock': '',
  '/runner/a.sock': '',
  '/etc/shadow': '',
  '/mnt/big/vm/b.sock': '',
};

const make = (prefixes: readonly string[] = ['/run', '/var/run']) => {
  const files = makeFakeFiles(FILES);
  files.link('/var/run', '/run');
  files.link('/run/vm/out', '/etc/shadow');
  files.link('/run/vm/folder', '/etc');
  files.link('/run/vm/again', '/run/vm/a.sock');
  files.link('/srv', '/mnt/big');
  return { files, paths: makeHostPaths(files, prefixes) };
};

describe('makeHostPaths', () => {
  it.each([
    ['/run/vm/a.sock', '/run/vm/a.sock'],
    ['/var/run/vm/a.sock', '/run/vm/a.sock'],
    ['/run/vm/again', '/run/vm/a.sock'],
  ])('allows %s, which is %s', (path, real) => {
    expect(make().paths.resolve(path)).toEqual({ ok: true, path: real });
  });

  it('allows what is below a prefix that is itself a link', () => {
    expect(make(['/srv']).paths.resolve('/srv/vm/b.sock')).toEqual({
      ok: true,
      path: '/mnt/big/vm/b.sock',
    });
  });

  it.each(['/etc/shadow', '/runner/a.sock', '/ru', '/run', '/mnt/big/vm/b.sock'])(
    'refuses %s, which is below no prefix, and names the setting',
    (path) => {
      const refused = make().paths.resolve(path);
      expect(refused).toMatchObject({ ok: false, reason: 'forbidden' });
      expect(JSON.stringify(refused)).toContain('not below /run, /var/run (host_paths)');
    },
  );

  it.each(['/run/vm/out', '/run/vm/folder/shadow'])(
    'refuses %s, which leads out of its prefix',
    (path) => {
      expect(make().paths.resolve(path)).toMatchObject({ reason: 'forbidden' });
    },
  );

  it.each([
    '',
    'run/vm/a.sock',
    './a.sock',
    '/run/../etc/shadow',
    '/run/vm/..',
    '/run/./vm/a.sock',
    '/run//vm/a.sock',
    '/run/vm/a.sock/',
    '/run/vm/a.sock\0',
    `/run/${'x'.repeat(5000)}`,
  ])('refuses %j without looking', (path) => {
    const { files } = make();
    const paths = makeHostPaths(
      {
        realPath: () => {
          throw new Error('looked');
        },
      },
      ['/run'],
    );
    expect(paths.resolve(path)).toMatchObject({ ok: false, reason: 'forbidden' });
    expect(paths.problemOf(path)).toMatchObject({ reason: 'forbidden' });
    expect(files.openCount()).toBe(0);
  });

  it('says what is not there, and what it may not see', () => {
    const { files, paths } = make();
    expect(paths.resolve('/run/vm/none')).toMatchObject({ reason: 'absent' });
    files.fail('/run/vm/a.sock', 'EACCES');
    expect(paths.resolve('/run/vm/a.sock')).toMatchObject({ reason: 'forbidden' });
  });

  it('allows everything below / where somebody wants that', () => {
    expect(make(['/']).paths.resolve('/etc/shadow')).toMatchObject({ ok: true });
  });

  it('never gives a path that is not below a prefix', () => {
    const part = fc.constantFrom(
      'run',
      'vm',
      'etc',
      'shadow',
      '..',
      '.',
      '',
      'folder',
      'out',
      'srv',
    );
    const { paths } = make();
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const allowed = paths.resolve(`/${parts.join('/')}`);
        expect(allowed.ok ? allowed.path : '/run/').toMatch(/^\/run\//u);
      }),
    );
  });
});
