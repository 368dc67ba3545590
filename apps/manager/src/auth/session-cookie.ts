/** The cookie that carries a session's secret: no script can read it, no other site can send it. */

const NAME = 'innkeeper_session';
/** A secret has 43 characters. */
const MAX_VALUE = 128;

export const readSessionCookie = (cookieHeader: string | undefined): string | undefined => {
  const prefix = `${NAME}=`;
  const found = cookieHeader
    ?.split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(prefix));
  const value = found?.slice(prefix.length);
  return value === undefined || value === '' || value.length > MAX_VALUE ? undefined : value;
};

const write = (value: string, maxAgeSeconds: number, isSecure: boolean): string =>
  [
    `${NAME}=${value}`,
    'Path=/',
    `Max-Age=${maxAgeSeconds}`,
    'HttpOnly',
    'SameSite=Strict',
    ...(isSecure ? ['Secure'] : []),
  ].join('; ');

/** `isSecure`: browsers reach the manager by https, and must not send the cookie otherwise. */
export const writeSessionCookie = (
  secret: string,
  maxAgeSeconds: number,
  isSecure: boolean,
): string => write(secret, maxAgeSeconds, isSecure);

export const clearSessionCookie = (isSecure: boolean): string => write('', 0, isSecure);
