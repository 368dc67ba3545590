/**
 * Everything the agent asks of the machine it runs on. The rest of the agent is plain TypeScript
 * with no other way out, so the same source runs on Node and, compiled to bytecode, in a static
 * binary: each is one implementation of this page. `node/` is the only folder that may import
 * `node:*`; docs/adr/0002 says why.
 *
 * Expected failures are values. A path that does not exist, a port in use and a peer that hangs up
 * are ordinary life for an agent; only a bug throws.
 */

export interface PlatformError {
  /** The errno name where there is one: ENOENT, EACCES, EADDRINUSE. */
  readonly code: string;
  readonly message: string;
}

export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: PlatformError };

/** Ends the thing it was returned for. Calling it twice is harmless. */
export type Cancel = () => void;

export interface Platform {
  readonly files: Files;
  readonly network: Network;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly text: TextCodec;
  readonly machine: Machine;
  readonly unpacking: Unpacking;
  /** Undefined where the platform cannot encrypt: the smaller native build. */
  readonly tls?: Tls;
}

/** A file that stays open and is read from its start each time: 8 µs a read instead of 15. */
export interface OpenFile {
  read(): Outcome<string>;
  close(): void;
}

export interface ReadOptions {
  /**
   * Takes the first bytes of a longer file: for whoever needs no more, or checks the length. Without
   * it a file of more than 1 MiB is E2BIG, for half of it would be half a truth.
   */
  readonly maxBytes?: number;
  /** A line per mount, socket, neighbour or user: up to 16 MiB are read before it is E2BIG. */
  readonly long?: boolean;
  /**
   * The kernel answers this file whole in one read (sysfs attributes, /proc/stat), so a short read
   * is its end and the second, empty read can be saved.
   */
  readonly whole?: boolean;
  /**
   * For a path that somebody else has named: only a regular file (EINVAL), and never through a
   * symbolic link in the last place (ELOOP). Opening a FIFO would block the whole agent.
   */
  readonly regularOnly?: boolean;
}

export type PipeRead =
  | {
      readonly kind: 'data';
      /** Valid until the next read of any pipe. */
      readonly bytes: Uint8Array;
      /** False: that was all for now, and another read would find nothing. */
      readonly more: boolean;
    }
  | { readonly kind: 'empty' }
  /** Nothing, and no process has the FIFO open for writing. It may be opened again. */
  | { readonly kind: 'end' }
  /** The file is shorter than what was read of it; the next read starts at its beginning. */
  | { readonly kind: 'truncated' }
  | { readonly kind: 'error'; readonly error: PlatformError };

/**
 * A FIFO, or a file that somebody appends to. Nothing here waits: a reader asks now and then, and
 * neither it nor the writer ever stands still because of the other.
 */
export interface Pipe {
  read(): PipeRead;
  /** Where the path leads now: to this file, to another one in its place, or nowhere. */
  place(): 'same' | 'another' | 'nowhere';
  close(): void;
}

/** A character device that carries bytes both ways. Nothing here waits. */
export interface Port {
  /** `end`: nobody has the other side open. */
  read(): PipeRead;
  /** How many bytes were taken: 0 where the other side takes none for now. */
  write(bytes: Uint8Array): Outcome<number>;
  close(): void;
}

export interface PipeOptions {
  /** Starts at the end of a file. A FIFO cannot skip what waits in it. */
  readonly skipExisting?: boolean;
  /** Takes a character device, and nothing else: /dev/kmsg gives one record with each read. */
  readonly device?: boolean;
}

/** A regular file that stays open and is read anywhere, also when it was renamed or deleted. */
export interface ByteFile {
  /** Which file it is, whatever its name: no two that exist at once have the same. */
  readonly identity: string;
  /** Fewer bytes where the file ends, none where it cannot be read. They belong to the caller. */
  readAt(offset: number, length: number): Uint8Array;
  /** In bytes; 0 where it cannot be told. */
  size(): number;
  /** Where the path leads now, as a pipe's. */
  place(): 'same' | 'another' | 'nowhere';
  close(): void;
}

/** What a name in a folder stands for; a symbolic link is itself and not what it leads to. */
export interface FileFacts {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  /** 0 for what has no size, such as most of /proc. */
  readonly sizeBytes: number;
  /** The twelve bits of chmod(2). */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly modifiedMs: number;
}

/** What worked has no more to tell. */
export type Done = Outcome<undefined>;

export interface OpenedFile {
  /** As it was opened. */
  readonly facts: FileFacts;
  /** Fewer bytes only where the file ends. Never waits: EAGAIN where there is nothing to read yet. */
  readAt(offset: number, length: number): Outcome<Uint8Array>;
  close(): void;
}

export interface NewFile {
  /** Appends, all of it. */
  write(bytes: Uint8Array): Done;
  setMode(mode: number): Done;
  setOwner(uid: number, gid: number): Done;
  /** Returns when the bytes are on the disk. */
  sync(): Done;
  close(): void;
}

/**
 * A folder that stays open: openat(2) and its relatives. Names are single components, and none is
 * ever followed through a symbolic link, so nobody can lead the agent elsewhere by replacing a part
 * of a path while it walks there.
 */
export interface Folder {
  list(): Outcome<readonly string[]>;
  facts(name: string): Outcome<FileFacts>;
  /** ELOOP for a symbolic link, ENOTDIR for anything else that is no folder. */
  enter(name: string): Outcome<Folder>;
  /** Only a regular file: ELOOP for a symbolic link, EINVAL for anything else. */
  open(name: string): Outcome<OpenedFile>;
  /** EEXIST where the name is taken, by whatever. */
  create(name: string, mode: number): Outcome<NewFile>;
  makeFolder(name: string, mode: number): Done;
  /** Both in this folder; what stood under the new name is gone, at once and whole. */
  rename(from: string, to: string): Done;
  /** A file, never a folder. */
  remove(name: string): Done;
  /** Returns when the names are on the disk. */
  sync(): Done;
  close(): void;
}

export interface FilesystemSpace {
  readonly blockSize: number;
  readonly blocks: number;
  readonly blocksFree: number;
  readonly blocksAvailable: number;
  readonly files: number;
  readonly filesFree: number;
}

export interface Files {
  open(path: string, options?: ReadOptions): Outcome<OpenFile>;
  /**
   * Only a FIFO or a regular file (EINVAL), and never through a symbolic link in the last place
   * (ELOOP): who may write into the folder must not choose what the agent reads.
   */
  openPipe(path: string, options?: PipeOptions): Outcome<Pipe>;
  /** Only a regular file (EINVAL), and never through a symbolic link in the last place (ELOOP). */
  openBytes(path: string): Outcome<ByteFile>;
  /** Follows symbolic links: for paths of the agent's own settings. */
  openFolder(path: string): Outcome<Folder>;
  /** Follows symbolic links, as /dev/virtio-ports has them. Only a character device (EINVAL). */
  openPort(path: string): Outcome<Port>;
  readText(path: string, options?: ReadOptions): Outcome<string>;
  list(path: string): Outcome<readonly string[]>;
  readLink(path: string): Outcome<string>;
  /** Where the path leads when every symbolic link in it has been followed. */
  realPath(path: string): Outcome<string>;
  exists(path: string): boolean;
  /** Returns at once for local filesystems; a dead network mount blocks the whole agent here. */
  statfs(path: string): Outcome<FilesystemSpace>;
  /** Never blocks the agent. On a dead mount `done` may come very late, or never. */
  statfsAside(path: string, done: (outcome: Outcome<FilesystemSpace>) => void): void;
}

export type SocketAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

export type Peer =
  | { readonly kind: 'tcp'; readonly address: string; readonly loopback: boolean }
  | { readonly kind: 'unix' };

export interface ConnectionEvents {
  data(chunk: Uint8Array): void;
  /** The other side has said all it will say; writing to it may still work. */
  ended(): void;
  /** All that was written has been handed to the kernel. */
  drained(): void;
  /** Comes exactly once, last. */
  closed(): void;
}

export interface Connection {
  readonly peer: Peer;
  /** False until the handshake is done; `data` only ever carries what was decrypted. */
  encrypted(): boolean;
  /** How many bytes that is. */
  write(data: string | Uint8Array): number;
  /** Bytes written that the kernel has not taken yet. */
  pendingBytes(): number;
  pause(): void;
  resume(): void;
  /** Sends what is pending, then closes. */
  end(): void;
  destroy(): void;
}

/** By which clients know the agent again, whatever its address. */
export interface TlsIdentity {
  readonly privateKey: Uint8Array;
  /** X.509, in DER; self-signed. */
  readonly certificate: Uint8Array;
}

export interface Listener {
  /** The port in use, also where port 0 asked for any; undefined for a unix socket. */
  readonly port: number | undefined;
  /**
   * For connections from now on: one whose first byte is that of a TLS handshake (0x16) is decrypted
   * (TLS 1.2 or newer), any other is plain. Undefined: all are plain. It is `accept`ed at once, before
   * its first byte, and a handshake that fails only closes it.
   */
  encrypt(identity: TlsIdentity | undefined): void;
  /** Stops accepting. Connections that are open stay open. */
  close(): void;
}

export interface Network {
  /** Replaces the file of a unix socket to which nobody listens any more, and no other file. */
  listen(
    address: SocketAddress,
    accept: (connection: Connection) => ConnectionEvents,
  ): Promise<Outcome<Listener>>;
  connect(
    address: SocketAddress,
    timeoutMs: number,
    attach: (connection: Connection) => ConnectionEvents,
  ): Promise<Outcome<Connection>>;
}

export interface ProcessOptions {
  /** No shell: argv[0] is looked up in `env.PATH` or is a path. */
  readonly argv: readonly [string, ...string[]];
  readonly cwd?: string;
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: Uint8Array;
  /** Runs as this user, in this group and no other; needs the right to become it (EPERM). */
  readonly user?: { readonly uid: number; readonly gid: number };
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface ProcessEvents {
  stdout(chunk: Uint8Array): void;
  stderr(chunk: Uint8Array): void;
  /** Comes once, when the process itself has ended. Others may have its pipes open still. */
  ended?(end: ProcessEnd): void;
  /** Comes once, last, when the process has ended and both pipes have been read to their end. */
  exited(end: ProcessEnd): void;
}

export type StopSignal = 'SIGTERM' | 'SIGKILL';

export interface ChildProcess {
  readonly pid: number;
  /** Signals the whole process group, so that children of a shell are reached too. */
  signal(name: StopSignal): void;
  /** Both pipes are read no further until `resumeOutput`: who writes to them will have to wait. */
  pauseOutput(): void;
  resumeOutput(): void;
  /** Closes both pipes on the agent's side, so that `exited` waits for nobody else. */
  closeOutput(): void;
}

export interface Processes {
  /** Signals one process, whoever started it; nothing where it has ended or is somebody else's. */
  signal(pid: number, name: StopSignal): void;
  spawn(options: ProcessOptions, events: ProcessEvents): Promise<Outcome<ChildProcess>>;
}

export interface Clock {
  /** Whole unix milliseconds; jumps when somebody sets the clock. */
  nowMs(): number;
  /** Milliseconds with fraction from an arbitrary start; never jumps. */
  monotonicMs(): number;
  /** Fires once. Pending timers do not keep a stopped agent alive. */
  after(delayMs: number, fire: () => void): Cancel;
  zone(): { readonly name: string; readonly offsetSeconds: number };
}

export interface Crypto {
  /** Keys are the raw 32 bytes of RFC 8032. */
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  signEd25519(privateKey: Uint8Array, message: Uint8Array): Uint8Array;
  publicKeyOf(privateKey: Uint8Array): Uint8Array;
  sha256(data: Uint8Array): Uint8Array;
  random(byteCount: number): Uint8Array;
}

/** Keys for TLS, on the curve P-256. */
export interface Tls {
  /** The number, 32 bytes with the highest first. */
  newPrivateKey(): Uint8Array;
  /** 65 bytes: the point, uncompressed. */
  publicKeyOf(privateKey: Uint8Array): Uint8Array;
  /** ECDSA over the message's SHA-256, in DER. */
  sign(privateKey: Uint8Array, message: Uint8Array): Uint8Array;
}

export interface TextCodec {
  encodeUtf8(text: string): Uint8Array;
  /** How many bytes `encodeUtf8` would give. */
  utf8Length(text: string): number;
  /** Bytes that are not UTF-8 become U+FFFD. A view of a few of them would cost more than decoding. */
  decodeUtf8(bytes: Uint8Array, start?: number, end?: number): string;
  /** One character per byte: for protocol heads, where a byte must not become another byte. */
  decodeLatin1(bytes: Uint8Array, start?: number, end?: number): string;
}

export interface InterfaceAddress {
  readonly device: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  readonly prefixLength: number;
}

/** Decoders that are faster than the core's own ones. */
export interface Unpacking {
  /**
   * The first `maxBytes` of a frame's content, and how much there is in all as far as the frame tells.
   * Undefined where it cannot do that: the platform has no decoder, or the frame may be damaged.
   */
  zstd(
    packed: Uint8Array,
    maxBytes: number,
  ): { readonly bytes: Uint8Array; readonly length: number } | undefined;
}

/** The few facts that no file under /proc or /sys tells. */
export interface Machine {
  /** As `uname -m` says it: x86_64, aarch64. */
  readonly architecture: string;
  readonly pageSizeBytes: number;
  readonly pid: number;
  /** The effective user of the agent. */
  readonly uid: number;
  interfaceAddresses(): Outcome<readonly InterfaceAddress[]>;
}
