/**
 * From a request to its route. Access is decided first, so that who may not ask learns nothing, not
 * even which routes there are.
 */
import type { Access } from '../auth/access.ts';
import { refuse } from '../http/answer.ts';
import type { HttpRequest, HttpResponse } from '../http/message.ts';
import { invalid, quote, type Route } from './route.ts';

const MAX_VALUES = 64;

const checkQuery = (route: Route, request: HttpRequest): HttpResponse | undefined => {
  for (const [name, values] of request.query) {
    if (!route.query.includes(name)) {
      const accepted = route.query.length === 0 ? 'no parameters' : route.query.join(', ');
      return refuse(invalid(`unknown parameter ${quote(name)}; ${route.path} takes ${accepted}`));
    }
    if (values.length > MAX_VALUES) {
      return refuse(invalid(`${quote(name)} may be given ${MAX_VALUES} times at most`));
    }
  }
  return undefined;
};

const withHead = (method: string): readonly string[] =>
  method === 'GET' ? ['GET', 'HEAD'] : [method];

const isPartOf = (pattern: string, part: string): boolean =>
  pattern.startsWith(':') ? part !== '' : pattern === part;

/** What fits a path that no route has as it stands. */
const makePatterns = (routes: readonly Route[]): ((path: string) => Route | undefined) => {
  const patterns = routes
    .filter(({ path }) => path.includes('/:'))
    .map((route) => ({ route, parts: route.path.split('/') }));
  return (path) => {
    const asked = path.split('/');
    return patterns.find(
      ({ parts }) =>
        parts.length === asked.length &&
        parts.every((pattern, index) => isPartOf(pattern, asked[index] ?? '')),
    )?.route;
  };
};

export const makeRouter = (
  routes: readonly Route[],
  access: Access,
): ((request: HttpRequest) => HttpResponse | Promise<HttpResponse>) => {
  const byPath = new Map(routes.map((route) => [route.path, route]));
  const findPattern = makePatterns(routes);
  const paths = [...byPath.keys()].join(', ');
  return (request) => {
    const route = byPath.get(request.path) ?? findPattern(request.path);
    const refusal = access(request, route?.access);
    if (refusal !== undefined) {
      return refuse(refusal, refusal.status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {});
    }
    if (route === undefined) {
      const message = `there is no ${quote(request.path)}; this agent serves ${paths}`;
      return refuse({ status: 404, code: 'not_found', message });
    }
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    if (!route.methods.includes(method)) {
      const allowed = route.methods.flatMap(withHead).join(', ');
      const message = `${route.path} takes ${allowed}, not ${quote(request.method)}`;
      const refusalOfMethod = { status: 405, code: 'method_not_allowed', message };
      return refuse(refusalOfMethod, { Allow: allowed });
    }
    return checkQuery(route, request) ?? route.handle(request);
  };
};
