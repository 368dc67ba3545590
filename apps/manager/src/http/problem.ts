/** An expected failure of a request: becomes the one error body. */

export interface Problem {
  readonly status:
    | 400
    | 401
    | 403
    | 404
    | 405
    | 408
    | 409
    | 413
    | 415
    | 421
    | 422
    | 429
    | 502
    | 503
    | 504;
  /** Stable, for programs: `vm_not_found`. */
  readonly code: string;
  /** For people: what was wrong and what is accepted. */
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const refuse = (problem: Problem): { readonly ok: false; readonly problem: Problem } => ({
  ok: false,
  problem,
});
