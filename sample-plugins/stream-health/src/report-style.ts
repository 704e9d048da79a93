/** The report's style: dark if the reader's system is. */
export const css = `
:root { color-scheme: light dark; --back: #f6f7f9; --card: #fff; --text: #1b2330; --soft: #667085; --line: #e4e7ec;
  --good: #067647; --poor: #b42318; --gap: #d92d20; --marker: #6941c6;
  --c0: #2563eb; --c1: #d97706; --c2: #059669; --c3: #9333ea; --c4: #0891b2; --c5: #be185d; }
@media (prefers-color-scheme: dark) {
  :root { --back: #12161d; --card: #1b212b; --text: #e6e9ef; --soft: #98a2b3; --line: #2c3441;
    --good: #47cd89; --poor: #f97066; --gap: #f97066; --marker: #bdb4fe;
    --c0: #60a5fa; --c1: #fbbf24; --c2: #34d399; --c3: #c084fc; --c4: #22d3ee; --c5: #f472b6; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 32px 24px 48px; max-width: 1040px; background: var(--back); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 26px; } h2 { margin: 32px 0 12px; font-size: 18px; }
header p { margin: 4px 0 0; color: var(--soft); }
.verdict { font-weight: 600; } .verdict.good { color: var(--good); } .verdict.poor { color: var(--poor); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 12px; margin: 20px 0; padding: 0; }
.cards div, figure, .table { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.cards div { padding: 12px 16px; } dt { color: var(--soft); font-size: 13px; }
dd { margin: 0; font-size: 22px; font-weight: 600; font-variant-numeric: tabular-nums; }
figure { margin: 0 0 12px; padding: 12px 16px 6px; } figcaption { font-weight: 600; }
.unit { color: var(--soft); font-weight: 400; font-size: 13px; }
.legend { float: right; font-weight: 400; font-size: 13px; } .key { margin-left: 16px; }
.key::before { content: ""; display: inline-block; width: 14px; height: 3px; margin-right: 6px; vertical-align: middle;
  border-radius: 2px; background: var(--c); }
svg { display: block; width: 100%; height: auto; }
.c0 { --c: var(--c0); } .c1 { --c: var(--c1); } .c2 { --c: var(--c2); }
.c3 { --c: var(--c3); } .c4 { --c: var(--c4); } .c5 { --c: var(--c5); }
.grid { stroke: var(--line); } .tick { fill: var(--soft); font-size: 12px; }
.mean { fill: none; stroke: var(--c); stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
.band { fill: var(--c); opacity: .2; }
.gap path { stroke: var(--gap); stroke-dasharray: 3 3; } .gap text { fill: var(--gap); font-size: 12px; }
.marker path { stroke: var(--marker); } .marker text { fill: var(--marker); font-size: 12px; font-weight: 600; }
.table { overflow-x: auto; } table { width: 100%; border-collapse: collapse; }
th, td { padding: 8px 16px; text-align: left; border-top: 1px solid var(--line); font-variant-numeric: tabular-nums; }
tr:first-child > * { border-top: 0; } th { color: var(--soft); font-size: 13px; font-weight: 500; }
.nowrap { white-space: nowrap; } .number { text-align: right; } .warning { color: var(--poor); }
footer { margin-top: 24px; color: var(--soft); font-size: 13px; }
@media print { body { background: none; } figure, .table { break-inside: avoid; } }
`;
