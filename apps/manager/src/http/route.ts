/**
 * What a route is. One definition feeds express, the OpenAPI document and the test that asks every
 * route as every role, so a route cannot exist without schemas and without saying who may use it.
 */
import { z } from 'zod';
import type { Actor } from '../auth/actor.ts';
import type { Action } from '../auth/authorize.ts';
import type { VmRecord } from '../vms/vm-record.ts';
import type { Problem } from './problem.ts';

export interface RequestFacts {
  readonly requestId: string;
  readonly remoteAddress: string;
}

export interface Success {
  readonly ok: true;
  readonly status: number;
  /** Sent as JSON; a string or bytes as they are, under `contentType`. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface AnswerOut {
  /** Aborted, with a `StreamEnding` as its reason, when the stream has to end soon. */
  readonly signal: AbortSignal;
  /** Resolves when there is room for more; what is written after the caller has gone is lost. */
  readonly write: (text: string) => Promise<void>;
}

/** An answer that lasts, of a route that says so by `isStream`. */
export interface StreamAnswer {
  readonly ok: true;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: undefined;
  /**
   * Writes all of it, and settles when it has, or soon after the signal. It is called once, also where
   * the caller has gone already, so that it can give back what the handler has taken for it.
   */
  readonly stream: (out: AnswerOut) => Promise<void>;
}

export type Answer = Success | StreamAnswer | { readonly ok: false; readonly problem: Problem };

/** Parsed and authorised: a handler checks nothing again. */
export interface Input<Params, Query, Body> extends RequestFacts {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** The headers that the answer to a sign-in, or a feed of metrics, depends on. */
  readonly header: (name: string) => string | undefined;
  /** Aborted when the caller has gone or the time for an answer is over. */
  readonly signal: AbortSignal;
}

export interface ActorInput<Params, Query, Body> extends Input<Params, Query, Body> {
  readonly actor: Actor;
}

export interface VmInput<Params, Query, Body> extends ActorInput<Params, Query, Body> {
  readonly vm: VmRecord;
}

export type Access =
  | 'public'
  /** Whoever has a token or a session, whatever its role and scope. */
  | 'signed-in'
  /** The actor may do this at all; for what VM or scope, the handler asks `authorize`. */
  | { readonly action: Action; readonly vm?: undefined }
  /**
   * `:id` is a VM, and the actor may do this to it. A VM that the actor may not even see is
   * 404 like one that there is not.
   */
  | { readonly action: Action; readonly vm: 'id' };

/** By status; a success without a schema has no body. */
export type Answers = Readonly<
  Record<
    number,
    { readonly description: string; readonly schema?: z.ZodType; readonly contentType?: string }
  >
>;

export interface RouteFacts {
  readonly method: 'get' | 'post' | 'patch' | 'put' | 'delete';
  /** As express has it: `/v1/vms/:id`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly answers: Answers;
  /** Codes of problems besides those that any route can have: `409 name_taken`. */
  readonly problems?: Readonly<Record<string, string>>;
  /** 64 KiB where it is left out. */
  readonly maxBodyBytes?: number;
  /** 15 s where it is left out; of a stream, until it begins. */
  readonly timeoutMs?: number;
  /**
   * The answer may last: there are only so many at once, and each ends when the manager stops or the
   * caller may no longer have it. Not for public routes.
   */
  readonly isStream?: true;
}

interface RouteBase<Params, Query, Body> extends RouteFacts {
  readonly params: z.ZodType<Params>;
  /** A parameter that is given twice arrives as an array, which only a schema of arrays takes. */
  readonly query: z.ZodType<Query>;
  readonly body: z.ZodType<Body>;
}

export interface PublicRoute<Params, Query, Body> extends RouteBase<Params, Query, Body> {
  readonly access: 'public';
  readonly handle: (input: Input<Params, Query, Body>) => Promise<Answer>;
}

export interface ActorRoute<Params, Query, Body> extends RouteBase<Params, Query, Body> {
  readonly access: 'signed-in' | { readonly action: Action; readonly vm?: undefined };
  readonly handle: (input: ActorInput<Params, Query, Body>) => Promise<Answer>;
}

export interface VmRoute<Params extends { readonly id: string }, Query, Body> extends RouteBase<
  Params,
  Query,
  Body
> {
  readonly access: { readonly action: Action; readonly vm: 'id' };
  readonly handle: (input: VmInput<Params, Query, Body>) => Promise<Answer>;
}

export type ReadBody =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly problem: Problem };

/** A request as it came, after authentication. */
export interface Asked extends RequestFacts {
  readonly params: unknown;
  readonly query: unknown;
  /** Read only when the rest of the request is in order. */
  readonly readBody: () => Promise<ReadBody>;
  readonly header: (name: string) => string | undefined;
  readonly signal: AbortSignal;
  /** Undefined only for public routes. */
  readonly actor: Actor | undefined;
  readonly findVm: (id: string) => VmRecord | undefined;
}

/** A route in a table of routes: `defineRoute` has hidden the types behind `answer`. */
export interface AnyRoute extends RouteFacts {
  readonly access: Access;
  readonly params: z.ZodType;
  readonly query: z.ZodType;
  readonly body: z.ZodType;
  /** Parses, authorises, and calls the handler. */
  readonly answer: (asked: Asked) => Promise<Answer>;
}

/** For routes that take nothing of the kind. */
export const nothing = z.strictObject({});
export const idParams = z.strictObject({
  id: z.uuid({ error: 'must be a UUID' }).toLowerCase(),
});
