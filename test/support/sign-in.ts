/** A page with somebody signed in; how people sign in is tested by itself. */
import type { Page } from 'playwright-core';

export const signIn = async (
  page: Page,
  { url, token, path = '/' }: { url: string; token: string; path?: string },
): Promise<void> => {
  // Shares its cookies with the page.
  const answer = await page.request.post(`${url}/v1/session`, { data: { token } });
  if (!answer.ok()) throw new Error(`signing in: ${answer.status()} ${await answer.text()}`);
  await page.goto(`${url}${path}`);
  await page.locator('nav[aria-label="Pages"]').waitFor({ state: 'attached' });
};
