/** The two kinds of JSON answer: a document, and the one error body of the whole product. */
import type { HttpResponse, Refusal } from './message.ts';

export const JSON_TYPE = 'application/json; charset=utf-8';

export const jsonAnswer = (document: unknown): HttpResponse => ({
  status: 200,
  contentType: JSON_TYPE,
  body: `${JSON.stringify(document)}\n`,
});

export const refuse = (
  refusal: Refusal,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse => ({
  status: refusal.status,
  contentType: JSON_TYPE,
  body: `${JSON.stringify({ error: { code: refusal.code, message: refusal.message } })}\n`,
  headers,
});
