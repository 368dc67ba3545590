/** `/download/…`: the agent's artefacts, for machines that know nobody yet. */
import type { KeyObject } from 'node:crypto';
import { vmIdSchema } from '@innkeeper/protocol';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { defineRoute } from '../http/define-route.ts';
import { refuse, type Problem } from '../http/problem.ts';
import { nothing, type Answer, type AnyRoute } from '../http/route.ts';
import { ARTEFACT_NAME, type Artefacts } from './artefacts.ts';
import { makeDownloadLimit, type DownloadLimit } from './download-limit.ts';
import { FORMAT, manifestText, signManifest } from './manifest.ts';

export interface Download {
  readonly name: string;
  /** As the guest says, which anybody could; undefined: it says nothing. */
  readonly vmId: string | undefined;
  readonly remoteAddress: string;
}

export interface DownloadRoutesOptions {
  readonly artefacts: Artefacts;
  /** The newest key, at the time of the question. */
  readonly signingKey: () => KeyObject;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** For a page that waits for a guest. */
  readonly onDownload?: (download: Download) => void;
}

const MANIFEST = '/download/manifest.json';
const OCTETS = 'application/octet-stream';
const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';
/** May be kept, but is asked for each time: the next release has the same names. */
const CACHED = 'no-cache';

const isText = (name: string): boolean =>
  /\.(?:service|socket|conf|openrc|sysv|mjs|json)$/u.test(name);

const tooMany = (seconds: number): Problem => ({
  status: 429,
  code: 'too_many_downloads',
  message: `too many downloads: try again in ${seconds} s`,
  headers: { 'retry-after': String(seconds) },
});

const NO_ARTEFACT: Problem = {
  status: 404,
  code: 'artefact_not_found',
  message: `there is no artefact of this name; ${MANIFEST} lists what there is`,
};

/** RFC 9110, 13.1.2: a list of tags, of which a weak one counts as well. */
const has = (header: string | undefined, etag: string): boolean =>
  (header ?? '').split(',').some((tag) => tag.trim().replace(/^W\//u, '') === etag);

const manifestRoutes = (
  options: DownloadRoutesOptions,
  limit: DownloadLimit,
): readonly AnyRoute[] => {
  const text = manifestText(options.artefacts);
  const schema = z.object({
    format: z.literal(FORMAT),
    version: z.string().nullable(),
    artefacts: z.array(z.object({ name: z.string(), bytes: z.int(), sha256: z.string() })),
  });
  const facts = {
    method: 'get',
    tag: 'Deployment',
    access: 'public',
    params: nothing,
    query: nothing,
    body: nothing,
    problems: { '429 too_many_downloads': 'too many within a minute' },
  } as const;
  const answer = (remoteAddress: string, body: () => string, contentType: string): Answer => {
    const wait = limit.count(remoteAddress);
    if (wait !== undefined) return refuse(tooMany(wait));
    const headers = { 'cache-control': CACHED };
    return { ok: true, status: 200, body: body(), contentType, headers };
  };
  return [
    defineRoute({
      ...facts,
      path: MANIFEST,
      summary: 'What can be downloaded, with sizes and SHA-256',
      answers: { 200: { description: 'the list', schema } },
      handle: async ({ remoteAddress }) => answer(remoteAddress, () => text, JSON_TYPE),
    }),
    defineRoute({
      ...facts,
      path: `${MANIFEST}.sig`,
      summary: "The manager's Ed25519 signature over the bytes of manifest.json, in base64",
      answers: { 200: { description: 'the signature', contentType: TEXT } },
      handle: async ({ remoteAddress }) =>
        answer(remoteAddress, () => `${signManifest(text, options.signingKey())}\n`, TEXT),
    }),
  ];
};

export const makeDownloadRoutes = (options: DownloadRoutesOptions): readonly AnyRoute[] => {
  const { artefacts, onDownload } = options;
  const limit = makeDownloadLimit(options.clock);
  return [
    ...manifestRoutes(options, limit),
    defineRoute({
      method: 'get',
      path: '/download/:name',
      tag: 'Deployment',
      summary: 'A build of the agent, or a file that goes with it',
      access: 'public',
      params: z.strictObject({ name: z.string().regex(ARTEFACT_NAME) }),
      query: z.strictObject({ vm_id: vmIdSchema.optional() }),
      body: nothing,
      answers: {
        200: { description: 'the file', contentType: OCTETS },
        304: { description: 'the caller has it already' },
      },
      problems: {
        '404 artefact_not_found': 'there is none of this name, or it was not built',
        '429 too_many_downloads': 'too many within a minute',
      },
      handle: async ({ params, query, header, remoteAddress }) => {
        const wait = limit.count(remoteAddress);
        if (wait !== undefined) return refuse(tooMany(wait));
        const artefact = artefacts.get(params.name);
        if (artefact === undefined) return refuse(NO_ARTEFACT);
        const { name, content, sha256 } = artefact;
        const etag = `"${sha256}"`;
        const headers = { 'cache-control': CACHED, etag };
        onDownload?.({ name, vmId: query.vm_id, remoteAddress });
        if (has(header('if-none-match'), etag)) return { ok: true, status: 304, headers };
        const contentType = isText(name) ? TEXT : OCTETS;
        return { ok: true, status: 200, body: content, contentType, headers };
      },
    }),
  ];
};
