/**
 * The files of the UI. Whatever is no file is a page of it, whose address only the browser knows
 * how to read; files with a hash in their name never change.
 */
import { existsSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join, resolve, sep } from 'node:path';
import express, {
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';

const FOREVER = 'public, max-age=31536000, immutable';
/** Kept, but asked for each time: the next version may have another one. */
const ASK_FIRST = 'no-cache';
const PAGE = /^\/(?!v1\/|socket\.io\/|assets\/)[^.]*$/u;
const PRECONDITION_FAILED = 412;

/** Who navigates says so. For `curl /metrics/` a page would be a wrong answer that looks right. */
const wantsPage = ({ method, path, headers }: Request): boolean =>
  (method === 'GET' || method === 'HEAD') &&
  (path === '/' || (PAGE.test(path) && (headers.accept ?? '').includes('text/html')));

const isStatus = (error: unknown, status: number): boolean =>
  typeof error === 'object' && error !== null && 'status' in error && error.status === status;

/** Undefined: the pages were not built. */
export const makePages = (folder: string): RequestHandler | undefined => {
  const index = join(folder, 'index.html');
  if (!existsSync(index)) return undefined;
  const assets = resolve(folder, 'assets') + sep;
  // What is sent, not what was asked for: `/assets/../index.html` is no asset.
  const setHeaders = (response: ServerResponse, path: string): void => {
    response.setHeader('cache-control', path.startsWith(assets) ? FOREVER : ASK_FIRST);
  };
  const pages = express.Router();
  const files = {
    index: false,
    cacheControl: false,
    redirect: false,
    acceptRanges: false,
  } as const;
  pages.use(express.static(folder, { ...files, setHeaders }));
  pages.use((request, response, next) => {
    if (!wantsPage(request)) {
      next();
      return;
    }
    response.setHeader('cache-control', ASK_FIRST);
    response.sendFile(index, { acceptRanges: false, cacheControl: false });
  });
  // Of four parameters, as express wants it. A question that cannot be met is no fault of ours.
  pages.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent || !isStatus(error, PRECONDITION_FAILED)) next(error);
    else response.status(PRECONDITION_FAILED).end();
  });
  return pages;
};
