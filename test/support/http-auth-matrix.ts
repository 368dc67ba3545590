/**
 * Asks each route as everybody: without anything, with a wrong token, in each role, with a scope
 * that has the VM and with one that does not, from a page of another site, and with a session but
 * without its CSRF token. What must come of it is said by `authorize` alone, so that a route with
 * a check of its own, or without one, is found.
 */
import { randomUUID } from 'node:crypto';
import type { Role } from '@innkeeper/protocol';
import { z } from 'zod';
import { isAboutFleet, rolesFor } from '../../apps/manager/src/auth/authorize.ts';
import type { AnyRoute } from '../../apps/manager/src/http/route.ts';
import type { HttpReply } from './http-client.ts';
import type { JsonQuestion } from './http-served-app.ts';

export type Ask = (path: string, question?: JsonQuestion) => Promise<HttpReply>;

interface Caller {
  readonly name: string;
  readonly question: JsonQuestion;
  /** Undefined: nobody. */
  readonly role: Role | undefined;
  readonly scope: 'none' | 'has the VM' | 'has not the VM';
}

/** The VM of the matrix must have these labels. */
export const MATRIX_LABELS = { matrix: 'in' } as const;

export interface MatrixRequest {
  /** By name, such as `id`. */
  readonly params?: Readonly<Record<string, string>>;
  /** With its question mark. */
  readonly query?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** What an allowed request comes to: `404 vmm_not_found`. Left out: an answer of the route's own. */
  readonly allowed?: readonly string[];
}

/** By `get /v1/vms/:id`. Asked anew for each caller, so that one may delete what it is given. */
export type MatrixTable = Readonly<
  Record<string, (caller: Pick<Caller, 'scope'>) => Promise<MatrixRequest> | MatrixRequest>
>;

export interface MatrixOptions {
  readonly routes: readonly AnyRoute[];
  readonly table: MatrixTable;
  readonly ask: Ask;
  readonly adminToken: string;
}

const createdSchema = z.object({ token: z.string() });
const errorSchema = z.object({ error: z.object({ code: z.string() }) });

const makeToken = async (
  { ask, adminToken }: MatrixOptions,
  role: Role,
  scope: string | null,
): Promise<string> => {
  const reply = await ask('/v1/tokens', {
    method: 'POST',
    token: adminToken,
    json: { name: `matrix ${role}`, role, scope },
  });
  if (reply.status !== 201) throw new Error(`no token for the matrix: ${reply.text}`);
  return createdSchema.parse(reply.json()).token;
};

const makeCallers = async (options: MatrixOptions): Promise<Caller[]> => {
  const callers: Caller[] = [
    { name: 'nobody', question: {}, role: undefined, scope: 'none' },
    { name: 'a wrong token', question: { token: 'ik_no' }, role: undefined, scope: 'none' },
    {
      name: 'a session that there is not',
      question: { headers: { cookie: `innkeeper_session=${randomUUID()}` } },
      role: undefined,
      scope: 'none',
    },
  ];
  const scopes = [
    { scope: 'none', selector: null },
    { scope: 'has the VM', selector: 'matrix=in' },
    { scope: 'has not the VM', selector: 'matrix=out' },
  ] as const;
  for (const role of ['viewer', 'operator', 'admin'] as const) {
    for (const { scope, selector } of scopes) {
      const token = await makeToken(options, role, selector);
      const name = scope === 'none' ? role : `${role} whose scope ${scope}`;
      callers.push({ name, question: { token }, role, scope });
    }
  }
  return callers;
};

type Verdict = 'allowed' | '401 unauthenticated' | '403 forbidden' | '404 vm_not_found';

const expectedFor = ({ access }: AnyRoute, { role, scope }: Caller): Verdict => {
  if (access === 'public') return 'allowed';
  if (role === undefined) return '401 unauthenticated';
  if (access === 'signed-in') return 'allowed';
  if (!rolesFor(access.action).includes(role)) return '403 forbidden';
  if (scope !== 'none' && isAboutFleet(access.action)) return '403 forbidden';
  if (access.vm === 'id' && scope === 'has not the VM') return '404 vm_not_found';
  return 'allowed';
};

const codeOf = (reply: HttpReply): string => {
  if (reply.status < 400) return '';
  try {
    return errorSchema.parse(reply.json()).error.code;
  } catch {
    return 'not the error body';
  }
};

const verdictOf = (route: AnyRoute, request: MatrixRequest, reply: HttpReply): string => {
  const allowed = request.allowed ?? Object.keys(route.answers);
  const isAnswer = reply.status < 400 || route.answers[reply.status] !== undefined;
  const told = isAnswer ? String(reply.status) : `${reply.status} ${codeOf(reply)}`;
  return allowed.includes(told) ? 'allowed' : told;
};

/** What is told of a route's answers in its table is what OpenAPI says. */
const misfitOf = (route: AnyRoute, reply: HttpReply): string | undefined => {
  const answer = route.answers[reply.status];
  if (answer?.schema === undefined) return undefined;
  const isText = answer.contentType !== undefined && !answer.contentType.includes('json');
  const parsed = answer.schema.safeParse(isText ? reply.text : reply.json());
  return parsed.success ? undefined : `its answer is not as its schema: ${parsed.error.message}`;
};

const keyOf = ({ method, path }: AnyRoute): string => `${method} ${path}`;

const askAs = async (
  { ask }: MatrixOptions,
  route: AnyRoute,
  request: MatrixRequest,
  question: JsonQuestion,
): Promise<HttpReply> => {
  const path = route.path.replaceAll(/:(\w+)/gu, (_, name: string) =>
    encodeURIComponent(request.params?.[name] ?? randomUUID()),
  );
  return ask(`${path}${request.query ?? ''}`, {
    method: route.method.toUpperCase(),
    ...question,
    ...(request.body !== undefined && { json: request.body }),
    headers: { ...request.headers, ...question.headers },
  });
};

const signIn = async ({ ask }: MatrixOptions, token: string): Promise<string> => {
  const reply = await ask('/v1/session', { method: 'POST', json: { token } });
  const cookie = reply.headers['set-cookie']?.[0]?.split(';')[0];
  if (cookie === undefined) throw new Error(`no session for the matrix: ${reply.text}`);
  return cookie;
};

const listStrays = ({ routes, table }: MatrixOptions): string[] => {
  const keys = new Set(routes.map(keyOf));
  return [
    ...[...keys].filter((key) => table[key] === undefined).map((key) => `${key}: has no request`),
    ...Object.keys(table)
      .filter((key) => !keys.has(key))
      .map((key) => `${key}: is no route`),
  ];
};

/** @returns what is not as `authorize` says; empty when all is well */
export const askMatrix = async (options: MatrixOptions): Promise<string[]> => {
  const problems = listStrays(options);
  const callers = await makeCallers(options);
  for (const route of options.routes) {
    const makeRequest = options.table[keyOf(route)];
    if (makeRequest === undefined) continue;
    const check = async (
      who: string,
      question: JsonQuestion,
      expected: string,
      scope: Caller['scope'] = 'none',
    ): Promise<void> => {
      const request = await makeRequest({ scope });
      const reply = await askAs(options, route, request, question);
      const verdict = verdictOf(route, request, reply);
      const problem =
        verdict === expected ? misfitOf(route, reply) : `${verdict} instead of ${expected}`;
      if (problem !== undefined) problems.push(`${keyOf(route)} as ${who}: ${problem}`);
    };
    for (const caller of callers) {
      await check(caller.name, caller.question, expectedFor(route, caller), caller.scope);
    }
    if (route.method === 'get') continue;
    const origin = { origin: 'http://elsewhere.example' };
    const asAdmin = { token: options.adminToken, headers: origin };
    await check('a page of another site', asAdmin, '403 origin_not_allowed');
    if (route.access === 'public') continue;
    const cookie = await signIn(options, options.adminToken);
    await check('a session without CSRF token', { headers: { cookie } }, '403 csrf_token_wrong');
  }
  return problems;
};
