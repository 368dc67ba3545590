/** What a route sees of a request and gives as its answer. */
import type { Peer } from '../platform/platform.ts';

export interface HttpRequest {
  readonly method: string;
  /** Decoded; always starts with `/`. */
  readonly path: string;
  /** As it was sent, query included: what a signature covers. */
  readonly target: string;
  readonly query: ReadonlyMap<string, readonly string[]>;
  /** Names in lower case; a header sent twice is joined by `, `. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
  readonly peer: Peer;
  /** Nobody on the way could read it. */
  readonly encrypted: boolean;
}

export interface HttpResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** Sent after `body`, which is then usually empty: for what is no text. */
  readonly bytes?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** The answer goes on after `body`. Not called where the peer has gone meanwhile, and not for HEAD. */
  readonly stream?: (out: StreamOut) => StreamEvents;
}

/** Where a stream goes. After its end, or the peer's, it takes what is written and drops it. */
export interface StreamOut {
  write(text: string): void;
  /** What the peer has not taken yet. */
  pendingBytes(): number;
  end(): void;
}

export interface StreamEvents {
  /** All that was written has been taken. */
  drained(): void;
  /** The agent stops. What is not ended within its grace is cut off. */
  stopping(): void;
  /** Comes exactly once, last, however the stream has ended. */
  closed(): void;
}

/** A request that ends before any route: malformed, too large, too slow. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}
