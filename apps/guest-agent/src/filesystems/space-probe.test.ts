import { describe, expect, it } from 'vitest';
import { makeFakeClock } from '../testing/fake-clock.ts';
import { makeFakeFiles, SPACE } from '../testing/fake-files.ts';
import { settled } from '../testing/settled.ts';
import type { WatchedMount } from './mounts.ts';
import { makeSpaceProbe, type Space } from './space-probe.ts';

const DEADLINE_MS = 1000;
const HEALTHY: Space = { ok: true, space: SPACE };

const mount = (mountPoint: string, mayHang = true, deviceId = '0:50'): WatchedMount => ({
  device: 'server:/export',
  deviceId,
  mountPoint,
  fsType: 'nfs4',
  readOnly: false,
  onlyInSample: false,
  mayHang,
});

const setUp = () => {
  const clock = makeFakeClock();
  const files = makeFakeFiles();
  const probe = makeSpaceProbe(files, clock);

  /** Asks all of them as one scrape does, and tells after how long it had all answers. */
  const scrape = async (...paths: readonly string[]) => {
    const startedAtMs = clock.monotonicMs();
    const spaces: Space[] = [];
    let open = paths.length;
    paths.forEach((path, index) => {
      void Promise.resolve(probe(mount(path))).then((space) => {
        spaces[index] = space;
        open -= 1;
      });
    });
    await settled();
    while (open > 0) {
      clock.advance(100);
      await settled();
      if (clock.monotonicMs() - startedAtMs > 60_000) throw new Error('no end');
    }
    return { spaces, tookMs: clock.monotonicMs() - startedAtMs };
  };
  return { clock, files, probe, scrape };
};

const errorOf = (space: Space | undefined): string =>
  space?.ok === false ? space.error : 'no error';

const named = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `/${prefix}${index}`);

describe('makeSpaceProbe', () => {
  it('asks a local filesystem at once, without a promise', () => {
    const { files, probe } = setUp();
    files.setSpace('/', SPACE);
    expect(probe(mount('/', false))).toEqual(HEALTHY);
    expect(probe(mount('/gone', false))).toEqual({ ok: false, error: 'ENOENT: /gone' });
  });

  it('gives what a network mount answers, good or bad', async () => {
    const { files, scrape, clock } = setUp();
    files.setSpace('/net', SPACE);
    files.setSpace('/stale', { code: 'ESTALE', message: 'stale file handle' });
    const { spaces, tookMs } = await scrape('/net', '/stale');
    expect(spaces).toEqual([HEALTHY, { ok: false, error: 'stale file handle' }]);
    expect(tookMs).toBe(0);
    expect(clock.pendingTimers()).toBe(0);
  });

  it('waits one deadline for a mount that never answers, once, and asks it only once', async () => {
    const { files, scrape, clock } = setUp();
    files.setSpace('/dead', 'never');
    const first = await scrape('/dead');
    expect(first.tookMs).toBe(DEADLINE_MS);
    expect(errorOf(first.spaces[0])).toBe('no answer from the filesystem for 1.0 s');
    for (const age of ['61.0', '121.0', '181.0']) {
      clock.advance(60_000);
      const later = await scrape('/dead');
      expect(later.tookMs).toBe(0);
      expect(errorOf(later.spaces[0])).toBe(`no answer from the filesystem for ${age} s`);
    }
    expect(files.asked('/dead')).toBe(1);
    expect(clock.pendingTimers()).toBe(0);
  });

  it('tells the age of an open question anew every ten seconds', async () => {
    const { files, scrape, clock } = setUp();
    files.setSpace('/dead', 'never');
    const said: unknown[] = [];
    for (const passed of [0, 9_999, 1, 5_000, 5_000]) {
      clock.advance(passed);
      said.push(errorOf((await scrape('/dead')).spaces[0]));
    }
    const ages = ['1.0', '1.0', '11.0', '11.0', '21.0'];
    expect(said).toEqual(ages.map((age) => `no answer from the filesystem for ${age} s`));
  });

  it('asks anew when a dead mount has answered at last', async () => {
    const { files, scrape } = setUp();
    files.setSpace('/dead', 'never');
    await scrape('/dead');
    files.setSpace('/dead', SPACE);
    files.answer('/dead', { ok: true, value: SPACE });
    const { spaces, tookMs } = await scrape('/dead');
    expect(spaces).toEqual([HEALTHY]);
    expect(tookMs).toBe(0);
    expect(files.asked('/dead')).toBe(2);
  });

  it('asks a healthy mount that took the place of a dead one', async () => {
    const { files, scrape, probe } = setUp();
    files.setSpace('/net', 'never');
    await scrape('/net');
    files.setSpace('/net', SPACE);
    expect(await probe(mount('/net', true, '0:51'))).toEqual(HEALTHY);
    files.answer('/net', { ok: false, error: { code: 'EIO', message: 'EIO' } });
    expect(await probe(mount('/net', true, '0:51'))).toEqual(HEALTHY);
  });

  it('takes an answer that comes just in time', async () => {
    const { files, probe, clock } = setUp();
    files.setSpace('/slow', 'never');
    const answer = probe(mount('/slow'));
    clock.advance(DEADLINE_MS - 1);
    files.answer('/slow', { ok: true, value: SPACE });
    expect(await answer).toEqual(HEALTHY);
    expect(clock.pendingTimers()).toBe(0);
  });

  it('asks once for two scrapes at the same time, and gives both the answer', async () => {
    const { files, probe } = setUp();
    files.setSpace('/slow', 'never');
    const answers = [probe(mount('/slow')), probe(mount('/slow'))];
    expect(files.asked('/slow')).toBe(1);
    files.answer('/slow', { ok: true, value: SPACE });
    expect([await answers[0], await answers[1]]).toEqual([HEALTHY, HEALTHY]);
  });

  it('makes a scrape that joins late wait no longer than the first', async () => {
    const { files, probe, clock } = setUp();
    files.setSpace('/dead', 'never');
    const first = probe(mount('/dead'));
    clock.advance(600);
    const second = probe(mount('/dead'));
    clock.advance(400);
    expect([await first, await second].map(errorOf)).toEqual([
      'no answer from the filesystem for 1.0 s',
      'no answer from the filesystem for 1.0 s',
    ]);
    expect(clock.pendingTimers()).toBe(0);
  });

  it('answers for healthy mounts at once while others are dead', async () => {
    const { files, probe } = setUp();
    files.setSpace('/dead', 'never');
    files.setSpace('/net', SPACE);
    void probe(mount('/dead'));
    expect(await probe(mount('/net'))).toEqual(HEALTHY);
  });

  it('answers for many healthy network mounts, however few it asks at a time', async () => {
    const { files, scrape } = setUp();
    const paths = named('net', 50);
    for (const path of paths) files.setSpace(path, SPACE);
    const { spaces, tookMs } = await scrape(...paths);
    expect(spaces).toEqual(paths.map(() => HEALTHY));
    expect(tookMs).toBe(0);
  });

  describe('with more dead mounts than it may ask at a time', () => {
    const dead = named('dead', 12);

    const setUpDead = async () => {
      const made = setUp();
      for (const path of dead) made.files.setSpace(path, 'never');
      const first = await made.scrape(...dead);
      const asked = dead.filter((path) => made.files.asked(path) > 0);
      return { ...made, first, asked };
    };

    it('asks a few, says of the others that it did not, and needs one deadline for all', async () => {
      const { first, asked } = await setUpDead();
      expect(first.tookMs).toBe(DEADLINE_MS);
      expect(asked.length).toBeGreaterThan(0);
      expect(asked.length).toBeLessThan(7);
      dead.forEach((path, index) => {
        expect(errorOf(first.spaces[index])).toBe(
          asked.includes(path)
            ? 'no answer from the filesystem for 1.0 s'
            : `not asked: ${asked.length} other filesystems hang`,
        );
      });
    });

    it('costs the next scrape no time at all', async () => {
      const { scrape, files, asked } = await setUpDead();
      files.setSpace('/net', SPACE);
      const second = await scrape(...dead, '/net');
      expect(second.tookMs).toBe(0);
      expect(errorOf(second.spaces.at(-1))).toBe(
        `not asked: ${asked.length} other filesystems hang`,
      );
      expect(dead.filter((path) => files.asked(path) > 0)).toEqual(asked);
    });

    it('asks the others when one of the dead comes back', async () => {
      const { scrape, files, asked } = await setUpDead();
      files.setSpace('/net', SPACE);
      files.answer(asked[0] ?? '', { ok: true, value: SPACE });
      expect((await scrape('/net')).spaces).toEqual([HEALTHY]);
    });

    it('recovers in full when all of them do', async () => {
      const { scrape, files, asked, clock } = await setUpDead();
      for (const path of dead) files.setSpace(path, SPACE);
      for (const path of asked) files.answer(path, { ok: true, value: SPACE });
      const { spaces, tookMs } = await scrape(...dead);
      expect(spaces).toEqual(dead.map(() => HEALTHY));
      expect(tookMs).toBe(0);
      expect(clock.pendingTimers()).toBe(0);
    });
  });
});
