/**
 * The C functions of `native/`, which the program has as one global object. What can fail for
 * reasons of the machine gives the errno as a negative number; `failure.ts` makes an outcome of it.
 */

export type Facts = readonly [
  type: number,
  mode: number,
  uid: number,
  gid: number,
  size: number,
  modifiedMs: number,
  identity: string,
];

export type Space = readonly [
  blockSize: number,
  blocks: number,
  free: number,
  available: number,
  files: number,
  filesFree: number,
];

/** Of the space of a filesystem the numbers, of a name the addresses. */
export type AsideAnswer = readonly [
  number: number,
  problem: number,
  ...space: Space,
  ...addresses: string[],
];

interface Native {
  readonly arguments: readonly string[];
  /** NAME=value */
  readonly environment: readonly string[];

  /** `aside` is called at the end of a turn, and again while it gives true and there is time. */
  handle(
    ready: (descriptor: number, events: number) => void,
    due: () => void,
    aside: (lastTookMs: number) => boolean,
  ): void;
  watch(descriptor: number, events: number): number;
  /** When `due` is to be called, by `monotonicMs`; Infinity for never. */
  setDue(atMs: number): void;
  monotonicMs(): number;
  signals(): number;
  nextSignal(descriptor: number): number;
  exit(code: number): never;

  /** Of the flags of open(2) those that are not the same on every machine. */
  readonly O_DIRECTORY: number;
  readonly O_NOFOLLOW: number;
  open(path: string, flags: number): number;
  close(descriptor: number): void;
  readText(descriptor: number, limit: number, whole: boolean, cut: boolean): string | number;
  readInto(descriptor: number, bytes: Uint8Array, offset: number): number;
  list(path: string): readonly string[] | number;
  readLink(path: string): string | number;
  realPath(path: string): string | number;
  exists(path: string): boolean;
  unlink(path: string): number;

  /** Of an open descriptor, or of a path itself where it is a link. */
  facts(where: string | number): Facts | number;
  makeFolder(path: string, mode: number): number;
  rename(from: string, to: string): number;
  sync(descriptor: number): number;
  setMode(descriptor: number, mode: number): number;
  setOwner(descriptor: number, uid: number, gid: number): number;

  statfs(path: string): Space | number;
  askAside(text: string, number: number, isName: boolean): number;
  asideAnswers(): number;
  readAsideAnswer(): AsideAnswer | undefined;

  listen(host: string, port: number): number;
  listen(path: string): number;
  connect(host: string, port: number): number;
  connect(path: string): number;
  socketError(descriptor: number): number;
  accept(listener: number): number;
  peerAddress(descriptor: number): string | number | undefined;
  localPort(descriptor: number): number | undefined;
  receive(descriptor: number, most: number): Uint8Array | number;
  write(descriptor: number, bytes: Uint8Array, start: number): number;
  shutdown(descriptor: number): number;
  /** An `@` begins the name of an abstract socket. */
  notify(path: string, text: string): number;

  spawn(
    argv: readonly string[],
    environment: readonly string[],
    folder: string | undefined,
    user: number,
    group: number,
  ): readonly [pid: number, stdin: number, stdout: number, stderr: number] | number;
  reap(pid: number): readonly [code: number, signal: number] | undefined;
  kill(pid: number, signal: number): number;

  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  signEd25519(privateKey: Uint8Array, message: Uint8Array): Uint8Array;
  publicKeyOf(privateKey: Uint8Array): Uint8Array;
  sha256(data: Uint8Array): Uint8Array;
  random(byteCount: number): Uint8Array;

  /** These, to `firstByte`, are only in the build with TLS. */
  newTlsKey(): Uint8Array;
  tlsPublicKeyOf(privateKey: Uint8Array): Uint8Array;
  tlsSign(privateKey: Uint8Array, sha256: Uint8Array): Uint8Array;
  tlsIdentity(privateKey: Uint8Array, certificate: Uint8Array): object;
  /** To be closed before the descriptor is. */
  tlsSession(identity: object, descriptor: number): object;
  tlsReceive(session: object): Uint8Array | number;
  tlsWrite(session: object, bytes: Uint8Array, start: number): number;
  tlsShutdown(session: object): number;
  tlsState(session: object): number;
  tlsClose(session: object): void;
  /** It stays to be read; 256 where none will come. */
  firstByte(descriptor: number): number;

  encodeUtf8(text: string): Uint8Array;
  utf8Length(text: string): number;
  decodeUtf8(bytes: Uint8Array, start?: number, end?: number): string;
  decodeLatin1(bytes: Uint8Array, start?: number, end?: number): string;

  /** Undefined where it is no sound frame, or one of more than `most` bytes of which nobody knows. */
  unpackZstd(
    packed: Uint8Array,
    most: number,
  ): readonly [bytes: Uint8Array, length: number] | undefined;

  errorName(number: number): string;
  errorText(number: number): string;
  machine(): readonly [architecture: string, pageBytes: number, pid: number, uid: number];
  zone(): readonly [name: string, offsetSeconds: number];
  /** Device, family, address and prefix length of one after the other. */
  interfaceAddresses(): readonly (string | number)[] | number;
}

declare global {
  /** Set by native/main.c before anything else runs. */
  const native: Native;
}
