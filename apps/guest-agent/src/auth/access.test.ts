import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../http/message.ts';
import { nodeCrypto } from '../platform/node/crypto.ts';
import { nodeText } from '../platform/node/text.ts';
import { makeFakeClock, START_MS } from '../testing/fake-clock.ts';
import { latin1Bytes } from '../testing/latin1-bytes.ts';
import {
  LOOPBACK_PEER,
  makeRequest,
  REMOTE_PEER,
  UNIX_PEER,
  type RequestParts,
} from '../testing/make-request.ts';
import { makeManagerKey } from '../testing/manager-key.ts';
import { makeAccess, type Access, type AccessRule, type Enrolment } from './access.ts';
import { encodeBase64Url } from './base64url.ts';
import { makeBindingCheck } from './binding.ts';
import { makeVerifier } from './verifier.ts';

const manager = makeManagerKey();
const stranger = makeManagerKey();
/** A second after the agent's start. */
const NOW = START_MS / 1000 + 1;

const enrolledAccess = (tls: Partial<Enrolment> = {}): Access => {
  const clock = makeFakeClock();
  const checkBinding = makeBindingCheck({ crypto: nodeCrypto, clock });
  clock.advance(1000);
  return makeAccess({
    verify: makeVerifier({
      vmId: 'vm-1',
      keys: () => [manager.publicKey],
      crypto: nodeCrypto,
      clock,
      text: nodeText,
    }),
    checkBinding,
    isTlsRequired: () => false,
    askedPlainly: () => undefined,
    ...tls,
  });
};

/** The rules of the routes that there are and will be, as the protocol has them. */
const RULES: Readonly<Record<string, AccessRule | undefined>> = {
  '/health': { scope: undefined, beforeEnrolment: 'everybody', openToLoopback: true },
  '/metrics': { scope: 'metrics', beforeEnrolment: 'everybody', openToLoopback: true },
  '/info': { scope: 'metrics', beforeEnrolment: 'loopback', openToLoopback: false },
  '/processes': { scope: 'metrics', beforeEnrolment: 'loopback', openToLoopback: false },
  '/metrics/process-stats': {
    scope: 'host',
    beforeEnrolment: 'loopback',
    openToLoopback: false,
    postOnlyAsks: true,
  },
  '/exec': { scope: 'exec', beforeEnrolment: 'nobody', openToLoopback: false },
  '/no-such-route': undefined,
};

const WHO = {
  loopback: { peer: LOOPBACK_PEER },
  'loopback v6': {
    peer: { kind: 'tcp', address: '::1', loopback: true },
    headers: { host: '[::1]:8080' },
  },
  'loopback by name': { peer: LOOPBACK_PEER, headers: { host: 'localhost:8080' } },
  // A page of rebind.example has made its own name point to 127.0.0.1.
  'a browser under a foreign name': {
    peer: LOOPBACK_PEER,
    headers: { host: 'rebind.example:8080' },
  },
  remote: { peer: REMOTE_PEER, headers: { host: '192.0.2.7:8080' } },
  'remote that claims to be local': { peer: REMOTE_PEER, headers: { host: 'localhost' } },
  unix: { peer: UNIX_PEER, headers: { host: 'localhost' } },
} as const satisfies Record<string, RequestParts>;

type Who = keyof typeof WHO;

const IS_LOCAL: ReadonlySet<Who> = new Set(['loopback', 'loopback v6', 'loopback by name']);
const ALL: readonly Who[] = Object.keys(WHO).filter((name): name is Who => name in WHO);
const PATHS = Object.keys(RULES);
/** A POST to it changes nothing. */
const ASKING = '/metrics/process-stats';
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'get'];

const requestOf = (who: Who, method: string, path: string, token?: string): HttpRequest => {
  const parts: RequestParts = WHO[who];
  return makeRequest({
    ...parts,
    method,
    target: path,
    body: latin1Bytes('body'),
    headers: { ...parts.headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
  });
};

const decide = (access: Access, request: HttpRequest): string => {
  const refusal = access(request, RULES[request.path]);
  return refusal === undefined ? 'open' : `${refusal.status} ${refusal.code}`;
};

const mint = (claims: Readonly<Record<string, unknown>>): string =>
  manager.mint({ aud: 'vm-1', scope: 'metrics', exp: NOW + 60, ...claims });

/** Of every route. */
const NEEDS_ALL = 'metrics exec host';

const binding = (method: string, path: string): Readonly<Record<string, string | number>> => ({
  iat: NOW,
  htm: method,
  htu: path,
  bsh: encodeBase64Url(nodeCrypto.sha256(latin1Bytes('body'))),
  jti: `${method} ${path}`,
});

describe('before enrolment', () => {
  const access = makeAccess(undefined);
  /** Who may ask; nobody for what is not listed. */
  const OPEN: Readonly<Record<string, readonly Who[]>> = {
    '/health': ALL,
    '/metrics': ALL,
    '/info': [...IS_LOCAL],
    '/processes': [...IS_LOCAL],
    '/metrics/process-stats': [...IS_LOCAL],
  };

  it.each(PATHS)('opens %s to just those that the protocol names, whatever they send', (path) => {
    for (const who of ALL) {
      const expected = OPEN[path]?.includes(who) === true ? 'open' : '403 not_enrolled';
      for (const method of METHODS) {
        for (const token of [undefined, 'nonsense', mint({}), mint(binding(method, path))]) {
          expect([who, method, decide(access, requestOf(who, method, path, token))]).toEqual([
            who,
            method,
            expected,
          ]);
        }
      }
    }
  });
});

describe('once enrolled', () => {
  const BAD: Readonly<Record<string, string | undefined>> = {
    'no token': undefined,
    nonsense: 'nonsense',
    "another manager's": stranger.mint({ aud: 'vm-1', scope: 'metrics exec', exp: NOW + 60 }),
    "another VM's": mint({ aud: 'vm-2', scope: 'metrics exec' }),
    expired: mint({ exp: NOW, scope: 'metrics exec' }),
    'not yet valid': mint({ nbf: NOW + 60, scope: 'metrics exec' }),
    unsigned: `${mint({ scope: 'metrics exec' }).split('.').slice(0, 2).join('.')}.`,
  };
  const isOpenToLoopback = (path: string): boolean => path === '/health' || path === '/metrics';
  const cell = (...parts: readonly string[]): string => parts.join(' | ');

  it.each(PATHS)(
    'lets nobody GET %s without a good token, but loopback health and metrics',
    (path) => {
      const access = enrolledAccess();
      for (const who of ALL) {
        const expected =
          IS_LOCAL.has(who) && isOpenToLoopback(path) ? 'open' : '401 unauthenticated';
        for (const [name, token] of Object.entries(BAD)) {
          for (const method of ['GET', 'HEAD']) {
            const decision = decide(access, requestOf(who, method, path, token));
            expect(cell(who, name, method, decision)).toBe(cell(who, name, method, expected));
          }
        }
      }
    },
  );

  it.each(PATHS)('lets nobody change anything through %s without a good token', (path) => {
    const access = enrolledAccess();
    for (const who of ALL) {
      for (const [name, token] of Object.entries(BAD)) {
        for (const method of METHODS.filter((one) => one !== 'GET' && one !== 'HEAD')) {
          const decision = decide(access, requestOf(who, method, path, token));
          expect(cell(who, name, method, decision)).toBe(
            cell(who, name, method, '401 unauthenticated'),
          );
        }
      }
    }
  });

  /** What a token of each scope may do; `any` where the route asks for none. */
  const NEEDS: Readonly<Record<string, string>> = {
    '/health': 'any',
    '/metrics': 'metrics',
    '/info': 'metrics',
    '/processes': 'metrics',
    '/exec': 'exec',
    '/metrics/process-stats': 'host',
    '/no-such-route': 'any',
  };

  it.each(PATHS)('lets a token GET %s when it has the scope, from anywhere', (path) => {
    const access = enrolledAccess();
    for (const who of ALL) {
      for (const scope of [
        'metrics',
        'exec',
        'logs',
        'host',
        'metrics exec',
        'METRICS',
        'metrics-x',
        'exe',
        '',
      ]) {
        const isLocal = IS_LOCAL.has(who) && isOpenToLoopback(path);
        const fits = NEEDS[path] === 'any' || scope.split(' ').includes(NEEDS[path] ?? '');
        const expected = isLocal || fits ? 'open' : '403 forbidden';
        const decision = decide(access, requestOf(who, 'GET', path, mint({ scope })));
        expect(cell(who, scope, decision)).toBe(cell(who, scope, expected));
      }
    }
  });

  it.each(PATHS.filter((path) => path !== ASKING))(
    'lets a token change something through %s only when it is bound, and once',
    (path) => {
      for (const who of ALL) {
        const access = enrolledAccess();
        const right = { scope: NEEDS[path] === 'any' ? 'logs' : NEEDS[path] };
        const post = (token: string): string => decide(access, requestOf(who, 'POST', path, token));
        const wrongScope = post(mint({ scope: 'power', ...binding('POST', path) }));
        expect(cell(who, wrongScope)).toBe(
          cell(who, NEEDS[path] === 'any' ? 'open' : '403 forbidden'),
        );
        const bound = mint({ ...right, ...binding('POST', path), jti: 'one' });
        expect([
          post(mint(right)),
          post(mint({ ...right, ...binding('PUT', path) })),
          post(mint({ ...right, ...binding('POST', '/other') })),
          post(bound),
          post(bound),
        ]).toEqual([
          '401 unauthenticated',
          '401 unauthenticated',
          '401 unauthenticated',
          'open',
          '401 unauthenticated',
        ]);
      }
    },
  );

  it('holds a bound token to its request where none is needed, so that reading is no way in', () => {
    const access = enrolledAccess();
    const get = (token: string): string =>
      decide(access, requestOf('remote', 'GET', '/metrics', token));
    expect(get(mint(binding('POST', '/metrics')))).toBe('401 unauthenticated');
    expect(get(mint({ jti: 'half-bound' }))).toBe('401 unauthenticated');
    const bound = mint(binding('GET', '/metrics'));
    expect([get(bound), get(bound)]).toEqual(['open', '401 unauthenticated']);
  });

  it('lets one token POST again and again where that only asks, and do nothing else', () => {
    const access = enrolledAccess();
    const token = mint({ scope: 'host' });
    const ask = (method: string, path: string): string =>
      decide(access, requestOf('remote', method, path, token));
    expect([ask('POST', ASKING), ask('POST', ASKING), ask('GET', ASKING)]).toEqual([
      'open',
      'open',
      'open',
    ]);
    for (const method of METHODS.filter((one) => !['GET', 'HEAD', 'POST'].includes(one))) {
      expect([method, ask(method, ASKING)]).toEqual([method, '401 unauthenticated']);
    }
    expect(ask('POST', '/exec')).toBe('403 forbidden');
    const other = mint({ scope: 'metrics exec logs files power' });
    expect(decide(access, requestOf('remote', 'POST', ASKING, other))).toBe('403 forbidden');
  });

  it('does not use up a token whose scope is wrong', () => {
    const access = enrolledAccess();
    const token = mint({ scope: 'metrics', ...binding('POST', '/exec') });
    expect(decide(access, requestOf('remote', 'POST', '/exec', token))).toBe('403 forbidden');
    const right = mint({ scope: 'exec', ...binding('POST', '/exec') });
    expect(decide(access, requestOf('remote', 'POST', '/exec', right))).toBe('open');
  });

  const good = mint({});

  it.each([
    ['bearer in small letters', `bearer ${good}`, 'open'],
    ['bearer in capitals', `BEARER ${good}`, 'open'],
    ['several spaces', `Bearer   ${good}`, 'open'],
    ['no scheme', good, '401 unauthenticated'],
    ['another scheme', `Basic ${good}`, '401 unauthenticated'],
    ['no space', `Bearer${good}`, '401 unauthenticated'],
    ['no token', 'Bearer ', '401 unauthenticated'],
    ['two tokens', `Bearer ${good}, Bearer ${good}`, '401 unauthenticated'],
    ['something after the token', `Bearer ${good} x`, '401 unauthenticated'],
    ['an empty header', '', '401 unauthenticated'],
  ])('reads an Authorization header with %s', (_, authorization, expected) => {
    const request = makeRequest({ peer: REMOTE_PEER, headers: { authorization } });
    expect(decide(enrolledAccess(), request)).toBe(expected);
  });
});

it('does not take a web page that posts to loopback for a local program', () => {
  const access = makeAccess(undefined);
  const decideFor = (method: string, headers: Readonly<Record<string, string>>): string =>
    decide(access, makeRequest({ method, target: ASKING, headers }));
  const fromPage = { origin: 'https://page.example', 'content-type': 'text/plain' };
  expect(decideFor('POST', fromPage)).toBe('403 not_enrolled');
  expect(decideFor('POST', { origin: 'null' })).toBe('403 not_enrolled');
  expect(decideFor('POST', {})).toBe('open');
  expect(decideFor('GET', fromPage)).toBe('open');
});

describe('the name under which loopback is asked', () => {
  const access = enrolledAccess();
  const decideFor = (host: string): string => decide(access, makeRequest({ headers: { host } }));

  it.each([
    'localhost',
    'LOCALHOST:9',
    '127.0.0.1',
    '127.0.0.1:8080',
    '192.0.2.7:80',
    '[::1]',
    '[fe80::1]:1',
  ])('may be %s', (host) => {
    expect(decideFor(host)).toBe('open');
  });

  it.each([
    '',
    'rebind.example',
    'localhost.rebind.example',
    'rebind.localhost',
    '127.0.0.1.rebind.example',
    '127.0.0.1@rebind.example',
    'rebind.example:127.0.0.1',
    'localhost:8080.rebind.example',
    '127.0.0.1:8080:1',
    '::1',
    '[::1].rebind.example',
    'localhost.',
    '0x7f.1',
    '127.1',
    'localhost\n',
  ])('may not be %j', (host) => {
    expect(decideFor(host)).toBe('401 unauthenticated');
  });

  it('may be missing, which no browser can do', () => {
    const { headers, ...request } = makeRequest();
    const nameless = new Map([...headers].filter(([name]) => name !== 'host'));
    expect(decide(access, { ...request, headers: nameless })).toBe('open');
  });
});

describe('where TLS is required', () => {
  const setUp = () => {
    let askedPlainly = 0;
    const access = enrolledAccess({
      isTlsRequired: () => true,
      askedPlainly: () => {
        askedPlainly += 1;
      },
    });
    return { access, askedPlainly: () => askedPlainly };
  };
  const fromAfar = (path: string, token: string | undefined, encrypted: boolean): HttpRequest => ({
    ...requestOf('remote', 'GET', path, token),
    encrypted,
  });

  it.each(PATHS)('answers %s of another machine to nobody who can be overheard', (path) => {
    const { access } = setUp();
    for (const token of [undefined, 'nonsense', mint({ scope: NEEDS_ALL })]) {
      expect(decide(access, fromAfar(path, token, false))).toBe('403 tls_required');
    }
    expect(decide(access, fromAfar(path, mint({ scope: NEEDS_ALL }), true))).toBe('open');
    expect(decide(access, fromAfar(path, undefined, true))).toBe('401 unauthenticated');
  });

  it('answers this machine and sockets as ever', () => {
    const { access } = setUp();
    expect(decide(access, requestOf('loopback', 'GET', '/metrics'))).toBe('open');
    expect(decide(access, requestOf('loopback', 'GET', '/info', mint({})))).toBe('open');
    expect(decide(access, requestOf('loopback', 'GET', '/info'))).toBe('401 unauthenticated');
    expect(decide(access, requestOf('unix', 'GET', '/metrics', mint({})))).toBe('open');
  });

  it('says when it was the manager that has asked plainly, and nobody else', () => {
    const { access, askedPlainly } = setUp();
    decide(access, fromAfar('/metrics', undefined, false));
    decide(access, fromAfar('/metrics', stranger.mint({ aud: 'vm-1', exp: NOW + 60 }), false));
    expect(askedPlainly()).toBe(0);
    decide(access, fromAfar('/metrics', mint({}), false));
    expect(askedPlainly()).toBe(1);
  });
});
