/** `host:port` of a listening socket, IPv6 in brackets. */

export interface ListenAddress {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

const ADDRESS = /^(?:\[(?<v6>[\da-fA-F:.]+)\]|(?<v4>[\da-zA-Z.-]*)):(?<port>\d{1,5})$/u;
const MAX_PORT = 65_535;

export const parseListenAddress = (text: string): ListenAddress | undefined => {
  const groups = ADDRESS.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const port = Number(groups['port']);
  const host = groups['v6'] ?? groups['v4'] ?? '';
  return port > MAX_PORT ? undefined : { host: host === '' ? '0.0.0.0' : host, port };
};

/** As it stands in a URL. */
export const formatHostPort = ({ host, port }: ListenAddress): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/u.test(host);
