/** `GET /v1/manager`: what this manager is and how it is set. Nothing of it is secret. */
import { z } from 'zod';
import { tierSchema } from '@innkeeper/protocol';
import { defineRoute } from '../http/define-route.ts';
import { nothing, type AnyRoute } from '../http/route.ts';

const managerSchema = z.object({
  version: z.string(),
  started_at: z.int(),
  pull_interval_ms: z.int(),
  /** How long each tier of the history is kept. */
  keep_ms: z.record(tierSchema, z.int()),
  /** How long the lists of top processes are kept. */
  keep_processes_ms: z.int(),
  guest_networks: z.array(z.string()),
  public_url: z.string().nullable(),
  /** What agents trust: Ed25519, base64 of the 32 bytes. */
  public_keys: z.array(z.string()),
  database: z.object({ embedded: z.boolean(), version: z.string() }),
});

export type ManagerFacts = Omit<z.infer<typeof managerSchema>, 'public_keys'> & {
  readonly public_keys: () => string[];
};

export const makeManagerRoute = (facts: ManagerFacts): AnyRoute =>
  defineRoute({
    method: 'get',
    path: '/v1/manager',
    tag: 'About',
    summary: 'What this manager is and how it is set',
    access: { action: 'manager.read' },
    params: nothing,
    query: nothing,
    body: nothing,
    answers: { 200: { description: 'facts and settings', schema: managerSchema } },
    handle: async () =>
      Promise.resolve({
        ok: true,
        status: 200,
        body: { ...facts, public_keys: facts.public_keys() },
      }),
  });
