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
  /** Sent as JSON; a string as it is, under `contentType`. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Answer = Success | { readonly ok: false; readonly problem: Problem };

/** Parsed and authorised: a handler checks nothing again. */
interface Input<Params, Query, Body> extends RequestFacts {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** The headers that the answer to a sign-in, or a feed of metrics, depends on. */
  readonly header: (name: string) => string | undefined;
}

export interface ActorInput<Params, Query, Body> extends Input<Params, Query, Body> {
  readonly actor: Actor;
}

export interface VmInput<Params, Query, Body> extends ActorInput<Params, Query, Body> {
  readonly vm: VmRecord;
}

interface RouteBase<Params, Query, Body> {
  readonly method: 'get' | 'post' | 'patch' | 'put' | 'delete';
  /** As express has it: `/v1/vms/:id`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly params: z.ZodType<Params>;
  readonly query: z.ZodType<Query>;
  readonly body: z.ZodType<Body>;
  /** By status; a success without a schema has no body. */
  readonly answers: Readonly<
    Record<
      number,
      { readonly description: string; readonly schema?: z.ZodType; readonly contentType?: string }
    >
  >;
  /** Codes of problems besides those that any route can have: `409 name_taken`. */
  readonly problems?: Readonly<Record<string, string>>;
}

export type Route<Params = unknown, Query = unknown, Body = unknown> = RouteBase<
  Params,
  Query,
  Body
> &
  (
    | {
        readonly access: 'public';
        readonly handle: (input: Input<Params, Query, Body>) => Promise<Answer>;
      }
    | {
        /** The actor may do this at all; for what VM or scope, the handler asks `authorize`. */
        readonly access: { readonly action: Action };
        readonly handle: (input: ActorInput<Params, Query, Body>) => Promise<Answer>;
      }
    | {
        /**
         * `:id` is a VM, and the actor may do this to it. A VM that the actor may not even see is
         * 404 like one that there is not.
         */
        readonly access: { readonly action: Action; readonly vm: 'id' };
        readonly handle: (input: VmInput<Params, Query, Body>) => Promise<Answer>;
      }
  );

/** For routes that take nothing of the kind. */
export const nothing = z.strictObject({});
export const idParams = z.strictObject({ id: z.uuid({ error: 'must be a UUID' }) });
