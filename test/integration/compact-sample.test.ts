/**
 * The compact sample from end to end: what an agent leaves out, the manager has. The agent is the
 * built one, then one on each recorded machine, then only its encoder with random samples.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sampleSchema, type Sample } from '@innkeeper/protocol';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCompactSamples } from '../../apps/guest-agent/src/sample/compact.ts';
import {
  makeSampleDecoder,
  type SampleAnswer,
} from '../../apps/manager/src/pull/sample-decoder.ts';
import { AGENT_BUILDS, startAgent, type AgentProcess } from '../support/agent-process.ts';
import { makeCompactMachine } from '../support/compact-machine.ts';
import { anySample } from '../support/compact-samples.ts';
import { ask } from '../support/http-client.ts';
import { waitUntil } from '../support/wait-until.ts';

const COMPACT_TYPE = 'application/vnd.innkeeper.sample+json';
const MACHINES = join(import.meta.dirname, '../fixtures/machines');

const makeDecoder = () =>
  makeSampleDecoder({ monotonicMs: () => 0, random: () => 1, isWatched: () => false });
const isCompact = ({ contentType }: SampleAnswer): boolean => contentType === COMPACT_TYPE;

/** Names, flags and what is unknown; all numbers are 0. The top processes are those of earlier. */
const staticPartOf = (sample: Sample): unknown => {
  const text = JSON.stringify(
    { ...sample, processes: { ...sample.processes, top: null } },
    (_, value: unknown) => (typeof value === 'number' ? 0 : value),
  );
  return JSON.parse(text);
};

describe.each(AGENT_BUILDS)('$name', (build) => {
  let agent: AgentProcess;
  beforeAll(async () => {
    agent = await startAgent({ build });
  });
  afterAll(async () => {
    expect(await agent.stop()).toStrictEqual({ code: 0, signal: null });
  });

  const pull = async (target: string): Promise<SampleAnswer> => {
    const reply = await ask(agent.address, target);
    return {
      status: reply.status,
      contentType: reply.headers['content-type'],
      header: (name) => {
        const value = reply.headers[name];
        return typeof value === 'string' ? value : undefined;
      },
      body: Buffer.from(reply.text),
    };
  };

  it('sends a manager that has its schema only numbers, of which it makes the same sample', async () => {
    const decoder = makeDecoder();
    const decoded = async (): Promise<{ sample: Sample; answer: SampleAnswer }> => {
      const answer = await pull(decoder.target());
      const outcome = decoder.decode(answer);
      if (!outcome.ok) throw new Error(outcome.problem);
      return { sample: outcome.sample, answer };
    };
    const first = await decoded();
    expect(isCompact(first.answer)).toBe(false);
    // Whole again when the share of the CPUs is known, and whenever something on the machine changes.
    await waitUntil('a compact sample of a quiet moment', async () => {
      const before = sampleSchema.parse(
        JSON.parse((await pull('/metrics?format=json')).body.toString()),
      );
      const { sample, answer } = await decoded();
      const after = sampleSchema.parse(
        JSON.parse((await pull('/metrics?format=json')).body.toString()),
      );
      const isQuiet = JSON.stringify(staticPartOf(before)) === JSON.stringify(staticPartOf(after));
      if (sample.cpu_usage_percent === null || !isCompact(answer) || !isQuiet) return false;
      expect(answer.body.length * 3).toBeLessThan(first.answer.body.length);
      expect(staticPartOf(sample)).toEqual(staticPartOf(after));
      expect(sampleSchema.parse(sample)).toEqual(sample);
      for (const valueOf of [
        (one: Sample) => one.taken_at,
        (one: Sample) => one.uptime_seconds ?? -1,
        (one: Sample) => one.cpu?.seconds.idle ?? -1,
        (one: Sample) => one.cpu?.cores.at(-1)?.seconds.user ?? -1,
        (one: Sample) => one.networks?.at(-1)?.receive_bytes_total ?? -1,
      ]) {
        expect(valueOf(sample)).toBeGreaterThanOrEqual(valueOf(before));
        expect(valueOf(sample)).toBeLessThanOrEqual(valueOf(after));
      }
      return true;
    });
  });

  it('has no body for HEAD', async () => {
    const reply = await ask(agent.address, '/metrics?format=compact', { method: 'HEAD' });
    expect([reply.status, reply.text]).toEqual([200, '']);
    expect(reply.headers['sample-schema']).toMatch(/^[\w.-]{1,64}$/u);
  });
});

describe.each(readdirSync(MACHINES))('%s', (machine) => {
  it('is the same to a manager in both forms', async () => {
    const agent = await makeCompactMachine(join(MACHINES, machine));
    const decoder = makeDecoder();
    const forms: boolean[] = [];
    const pull = async (): Promise<void> => {
      const answer = await agent.ask(decoder.target());
      forms.push(isCompact(answer));
      const whole: unknown = JSON.parse((await agent.ask('/metrics?format=json')).body.toString());
      expect(decoder.decode(answer)).toEqual({ ok: true, sample: whole });
    };
    // A mount that hangs costs a deadline once.
    await agent.ask('/metrics?format=json');
    await pull();
    agent.letTimePass();
    await pull();
    await pull();
    await pull();
    await agent.stop();
    expect(forms).toEqual([false, false, true, true]);
  });
});

describe('any samples', () => {
  /** Another number of the same kind, within the same bounds. */
  const other = (value: number): number => (value > 2 ? Math.ceil(value / 2) : value + 1);

  const moved = (sample: Sample): Sample => {
    const { top } = sample.processes;
    const text = JSON.stringify(
      { ...sample, processes: { ...sample.processes, top: [] } },
      (_, value: unknown) => (typeof value === 'number' ? other(value) : value),
    );
    const next = sampleSchema.parse(JSON.parse(text));
    return { ...next, processes: { ...next.processes, top } };
  };

  const timesAndSamples = fc.array(fc.tuple(anySample, fc.nat(3)), { minLength: 1, maxLength: 4 });

  it('come through as they are, whole or compact', () => {
    const seen = { compact: 0, full: 0 };
    fc.assert(
      fc.property(timesAndSamples, (list) => {
        const encode = makeCompactSamples();
        const decoder = makeDecoder();
        let timings: Sample['collectors'] = {};
        for (const [sample, times] of list) {
          let current = sample;
          for (let time = 0; time <= times; time += 1) {
            const answer = encode(current, /schema=(.*)$/u.exec(decoder.target())?.[1]);
            seen[answer.form] += 1;
            if (time > 0) expect(answer.form).toBe('compact');
            if (answer.form === 'full') timings = current.collectors;
            const decoded = decoder.decode({
              status: 200,
              contentType: answer.form === 'compact' ? COMPACT_TYPE : 'application/json',
              header: () => (answer.form === 'full' ? answer.id : undefined),
              body: Buffer.from(JSON.stringify(answer.form === 'compact' ? answer.row : current)),
            });
            const whole: unknown = JSON.parse(JSON.stringify({ ...current, collectors: timings }));
            expect(decoded).toEqual({ ok: true, sample: whole });
            current = moved(current);
          }
        }
      }),
    );
    expect(Math.min(seen.compact, seen.full)).toBeGreaterThan(20);
  });
});
