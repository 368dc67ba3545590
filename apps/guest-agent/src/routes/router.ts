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

export const makeRouter = (
  routes: readonly Route[],
  access: Access,
): ((request: HttpRequest) => HttpResponse | Promise<HttpResponse>) => {
  const byPath = new Map(routes.map((route) => [route.path, route]));
  const paths = [...byPath.keys()].join(', ');
  return (request) => {
    const route = byPath.get(request.path);
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
