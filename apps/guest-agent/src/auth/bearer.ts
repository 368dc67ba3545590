/** The token in an `Authorization` header. */

const BEARER = /^bearer +([\w.~+/=-]+)$/iu;

export const bearerToken = (header: string | undefined): string | undefined =>
  BEARER.exec(header ?? '')?.[1];
