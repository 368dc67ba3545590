/** What somebody at a terminal needs when the manager is ready. */

export interface Greeting {
  readonly url: string;
  readonly signInCode: string;
  readonly adminTokenPath: string;
  readonly hasPages: boolean;
}

export const greetingText = ({ url, signInCode, adminTokenPath, hasPages }: Greeting): string => {
  const sign = hasPages
    ? `  sign in      ${url}/#sign-in=${signInCode}\n               (once, within a day; each start prints a new one)\n`
    : '';
  return `
Innkeeper is ready: ${url}

${sign}  admin token  ${adminTokenPath}
  the API      ${url}/docs/api

  curl -H "Authorization: Bearer $(cat ${adminTokenPath})" ${url}/v1/vms

Ctrl-C stops it.

`;
};
