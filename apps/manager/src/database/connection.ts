/** Where the database is: from DATABASE_URL, or the socket of the server that we run ourselves. */

export interface Connection {
  /** A name, an address, or the folder of a unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/** With `url` the driver reads all else from it: passwords, TLS. */
export type DatabaseAddress =
  | { readonly url: string; readonly connection?: undefined }
  | { readonly connection: Connection; readonly url?: undefined };
