/** One entry of the route table. */
import type { AccessRule } from '../auth/access.ts';
import type { HttpRequest, HttpResponse, Refusal } from '../http/message.ts';

export interface Route {
  /** A part that starts with a colon stands for any one part: `/exec/:id`. */
  readonly path: string;
  readonly methods: readonly string[];
  readonly access: AccessRule;
  /** Query parameters that the route understands; any other is a mistake worth telling. */
  readonly query: readonly string[];
  handle(request: HttpRequest): HttpResponse | Promise<HttpResponse>;
}

export const invalid = (message: string): Refusal => ({ status: 422, code: 'invalid', message });

/** Quoted for a message, bounded. */
export const quote = (text: string): string => JSON.stringify(text.slice(0, 60));
