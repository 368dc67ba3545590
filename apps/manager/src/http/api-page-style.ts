/** The style of the API page: calm, dense, hairlines; light or dark as the system is. */
export const API_PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --bg: oklch(97.6% .003 250); --panel: oklch(100% 0 0); --raise: oklch(96% .004 250);
  --line: oklch(91.2% .005 250); --tx: oklch(25% .015 255); --tx-2: oklch(44% .015 255);
  --tx-3: oklch(53% .015 255); --accent: oklch(52% .16 255); --ok: oklch(48% .1 168);
  --warn: oklch(51% .115 68); --crit: oklch(52% .2 22);
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: oklch(16.8% .008 255); --panel: oklch(19.8% .009 255); --raise: oklch(23.4% .011 255);
    --line: oklch(27.2% .011 255); --tx: oklch(93% .006 255); --tx-2: oklch(76% .01 255);
    --tx-3: oklch(63.5% .012 255); --accent: oklch(74% .125 250); --ok: oklch(81% .11 172);
    --warn: oklch(82% .135 82); --crit: oklch(68% .18 22);
  }
}
* { box-sizing: border-box; margin: 0; }
body {
  background: var(--bg); color: var(--tx); min-height: 100vh;
  font: 400 13px/1.5 "Inter Variable", Inter, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
code { font: 12px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
header { padding: 20px 24px; border-bottom: 1px solid var(--line); background: var(--panel); }
h1 { font-size: 20px; font-weight: 600; letter-spacing: -.01em; }
header p { color: var(--tx-2); margin-top: 4px; }
.columns { display: grid; grid-template-columns: 290px minmax(0, 1fr); }
nav { padding: 8px 16px 24px 24px; position: sticky; top: 0; align-self: start; max-height: 100vh; overflow: auto; }
nav h2, section > h2 { font-size: 11px; font-weight: 600; text-transform: uppercase; letter-spacing: .06em; color: var(--tx-3); margin: 18px 0 6px; }
nav ul { list-style: none; padding: 0; }
nav a { display: block; padding: 3px 0; color: var(--tx-2); font-size: 12px; overflow-wrap: anywhere; }
main { padding: 8px 24px 64px; border-left: 1px solid var(--line); }
section { max-width: 860px; }
article { padding: 14px 0 18px; border-top: 1px solid var(--line); scroll-margin-top: 8px; }
h3 { display: flex; gap: 10px; align-items: baseline; font-weight: 500; }
h3 code { font-size: 13px; }
.method { font-size: 10.5px; font-weight: 650; letter-spacing: .04em; display: inline-block; min-width: 44px; }
.get { color: var(--accent); } .post { color: var(--ok); } .put, .patch { color: var(--warn); } .delete { color: var(--crit); }
article p { margin-top: 4px; }
.who { color: var(--tx-3); font-size: 12px; }
table { border-collapse: collapse; table-layout: fixed; width: 100%; margin-top: 10px; font-size: 12px; }
th, td { text-align: left; vertical-align: top; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line); font-weight: 400; }
thead th { color: var(--tx-3); font-size: 11px; width: 26%; }
thead th:nth-child(2), thead th:nth-child(3) { width: 72px; }
thead th:last-child { width: auto; }
td { color: var(--tx-2); overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 14px; margin-top: 10px; font-size: 12px; }
dd { color: var(--tx-2); }
@media (max-width: 760px) {
  .columns { grid-template-columns: minmax(0, 1fr); }
  nav { position: static; max-height: none; border-bottom: 1px solid var(--line); padding-right: 24px; }
  main { border-left: 0; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 6px; }
}
`;
