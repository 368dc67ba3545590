/**
 * The files of the UI. Whatever is no file is a page of it, whose address only the browser knows
 * how to read; files with a hash in their name never change.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import express, { type RequestHandler } from 'express';

const YEAR_SECONDS = 31_536_000;
const PAGE = /^\/(?!v1\/|socket\.io\/|assets\/)[^.]*$/u;

/** Undefined: the pages were not built. */
export const makePages = (folder: string): RequestHandler | undefined => {
  const index = join(folder, 'index.html');
  if (!existsSync(index)) return undefined;
  const pages = express.Router();
  pages.use('/assets', (_request, response, next) => {
    response.setHeader('cache-control', `public, max-age=${YEAR_SECONDS}, immutable`);
    next();
  });
  pages.use(express.static(folder, { index: false, cacheControl: false, redirect: false }));
  pages.use((request, response, next) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead || !PAGE.test(request.path)) {
      response.removeHeader('cache-control');
      next();
      return;
    }
    response.setHeader('cache-control', 'no-cache');
    response.sendFile(index);
  });
  return pages;
};
