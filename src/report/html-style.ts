// How the HTML report looks, on a screen, on a phone, in the dark and on paper; and the policy that allows this sheet and nothing else. Pure.
import { hash } from 'node:crypto';
import type { Tlp } from './shape.ts';

const sheet = `
:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1c2126; --quiet: #5b6570; --rule: #d5dade; --soft: #f3f5f6; --link: #0b5cad;
  --exercise: #7a4b00; --exercise-soft: #fff1d6;
  --suspect: #b42318; --responder: #175cd3; --approval: #6a3fb5; --case: #56616c; --on-mark: #fff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181c; --ink: #e6e9ec; --quiet: #9aa5af; --rule: #353d45; --soft: #1d2328; --link: #7cb7ff;
    --exercise: #ffd08a; --exercise-soft: #3a2a0c;
    --suspect: #ff8a7d; --responder: #7fb2ff; --approval: #c3a6ff; --case: #a7b2bc; --on-mark: #14181c;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans", sans-serif; overflow-wrap: anywhere; }
main { max-width: 1080px; margin: 0 auto; padding: 0 20px 64px; }
h1 { font-size: 26px; line-height: 1.25; margin: 28px 0 16px; }
h2 { font-size: 20px; line-height: 1.3; margin: 44px 0 12px; padding-bottom: 6px; border-bottom: 2px solid var(--ink); }
h3 { font-size: 16px; margin: 28px 0 8px; }
.mark { color: var(--exercise); font-weight: 700; }
.banner { position: sticky; top: 0; z-index: 1; margin: 0; padding: 4px; text-align: center; font-weight: 700; letter-spacing: .2em; color: var(--exercise); background: var(--exercise-soft); }
.tlp { position: absolute; top: 4px; right: 12px; z-index: 2; margin: 0; padding: 1px 8px; font-size: 12px; font-weight: 700; color: #fff; background: #000; border-radius: 3px; }
section { scroll-margin-top: 32px; }
details > div { scroll-margin-top: 110px; }
summary { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 14px; margin: 22px 0 0; padding: 6px 0; border-bottom: 1px solid var(--rule); cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary::before { content: "▸"; color: var(--quiet); }
details[open] > summary::before { content: "▾"; }
summary h2 { margin: 0; padding: 0; border: 0; }
.rows { color: var(--quiet); font-size: 13px; }
details[open] .rows { display: none; }
p { margin: 8px 0 12px; }
a { color: var(--link); }
blockquote { margin: 12px 0; padding: 1px 14px; border-left: 4px solid var(--exercise); background: var(--exercise-soft); }
li { margin: 4px 0; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: 13px; }
pre { margin: 8px 0 16px; padding: 12px; background: var(--soft); border: 1px solid var(--rule); border-radius: 4px; white-space: pre-wrap; }
table { width: 100%; border-collapse: collapse; margin: 8px 0 16px; font-size: 14px; line-height: 1.4; }
th, td { text-align: left; vertical-align: top; padding: 6px 10px 6px 0; border-bottom: 1px solid var(--rule); }
time { white-space: nowrap; }
.cards td, .cards th { overflow-wrap: break-word; }
.long { overflow-wrap: anywhere; }
.cards .word { display: inline-block; min-width: 14em; }
.wide .word { min-width: 9em; }
thead th { color: var(--quiet); font-weight: 600; border-bottom-color: var(--quiet); }
.pairs th[scope=row] { width: 11em; font-weight: 600; }
.wide { font-size: 12px; }
.none { color: var(--quiet); }
.short, .cards thead th { white-space: nowrap; }
.wide thead th { white-space: normal; word-break: keep-all; }
#s1 table { font-size: 15px; }
#s1 thead th { color: var(--ink); }
nav ul { margin: 28px 0 0; padding: 10px 0; list-style: none; columns: 4 150px; font-size: 14px; border-top: 1px solid var(--rule); border-bottom: 1px solid var(--rule); }
nav li { margin: 2px 0; break-inside: avoid; }
figure { margin: 12px 0 20px; }
figcaption { color: var(--quiet); font-size: 13px; }
.scroll { overflow-x: auto; }
svg { display: block; width: 100%; min-width: 960px; height: auto; font-size: 11px; font-family: inherit; }
svg text { fill: var(--ink); }
.band { fill: var(--soft); }
.rule, .tick, .lead, .fold { fill: none; stroke: var(--rule); }
.fold { stroke: var(--quiet); stroke-dasharray: 2 4; }
svg .time, svg .break { fill: var(--quiet); }
svg .day, svg .lane { font-weight: 600; }
svg .count { fill: var(--on-mark); font-weight: 700; }
.suspect .dot { fill: var(--suspect); } svg .suspect .lane { fill: var(--suspect); }
.responder .dot { fill: var(--responder); } svg .responder .lane { fill: var(--responder); }
.approval .dot { fill: var(--approval); } svg .approval .lane { fill: var(--approval); }
.case .dot { fill: var(--case); } svg .case .lane { fill: var(--case); }
@media screen and (max-width: 720px) {
  main { padding: 0 14px 48px; }
  h1 { font-size: 22px; margin-top: 18px; }
  .banner { text-align: left; padding-left: 14px; letter-spacing: .1em; }
  body:not(.exercise) h1 { margin-top: 34px; }
  h2 { font-size: 18px; margin-top: 36px; }
  table, tbody, tr, th, td { display: block; }
  table, .wide, #s1 table { font-size: 15px; }
  .cards thead { display: none; }
  .pairs thead { display: none; }
  #s1 thead { display: block; }
  #s1 thead th { border: 0; padding: 0; }
  .pairs th[scope=row] { width: auto; border: 0; padding: 10px 0 0; color: var(--quiet); font-size: 13px; }
  .pairs td { padding: 0 0 10px; }
  .cards tr { padding: 8px 0; border-bottom: 1px solid var(--rule); }
  .cards td { border: 0; padding: 1px 0; overflow-wrap: anywhere; }
  .cards td::before { content: attr(data-head) " "; color: var(--quiet); font-size: 13px; }
  .cards .none { display: none; }
}
@media print {
  :root { --paper: #fff; --ink: #000; --quiet: #444; --rule: #bbb; --soft: #f4f4f4; --link: #000; --exercise: #000; --exercise-soft: #eee;
    --suspect: #a01c12; --responder: #124a9e; --approval: #54319a; --case: #444; --on-mark: #fff; }
  body { font-size: 9pt; line-height: 1.35; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  h1 { font-size: 15pt; margin: 0 0 6pt; } h2 { font-size: 12pt; margin: 12pt 0 5pt; padding-bottom: 2pt; } h3 { font-size: 9.5pt; margin: 8pt 0 3pt; }
  p { margin: 3pt 0 5pt; } li { margin: 1pt 0; } ul, ol { margin: 3pt 0 5pt; } pre { margin: 3pt 0 6pt; padding: 5pt; } table { margin: 3pt 0 6pt; } figure { margin: 4pt 0 6pt; }
  h2 + p { break-after: avoid; } summary { margin-top: 4pt; padding: 1pt 0; break-inside: avoid; } summary h2 { font-size: 10pt; margin: 0; } .rows { font-size: 8pt; }
  h1, h2, h3, thead { break-after: avoid; }
  tr, li, figure, blockquote { break-inside: avoid; }
  thead { display: table-header-group; }
  table, #s1 table { font-size: 8pt; line-height: 1.3; } .wide { font-size: 6.5pt; }
  th, td { padding: 2pt 5pt 2pt 0; } .when { white-space: nowrap; } .cards .word { min-width: 20em; } .wide .word { min-width: 9em; }
  code, pre { font-size: 7.5pt; }
  nav, .banner, .tlp { display: none; }

  .reader, .reader + section:not(.reader) { break-before: page; }
  .scroll { overflow: visible; }
  svg { min-width: 0; }
  section.across, [open] > .across { page: across; }
  .across .long { min-width: 0; } .across .word { min-width: 18em; } .across .when { white-space: nowrap; } .across th, .across td { padding: 2pt 4pt 2pt 0; }
  .exercise { page: exercise; } .exercise section.across, .exercise [open] > .across { page: exercise-across; }
}
@page { size: A4; margin: 16mm 14mm; @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; } }
@page across { size: A4 landscape; }
@page exercise { @top-center { content: "EXERCISE"; font: bold 10pt sans-serif; letter-spacing: .2em; } }
@page exercise-across { size: A4 landscape; @top-center { content: "EXERCISE"; font: bold 10pt sans-serif; letter-spacing: .2em; } }
`;

/** The sheet of an edition: its mark stands on every printed page. */
export function sheetOf(tlp: Tlp | undefined): string {
  return tlp === undefined ? sheet : `${sheet}@page { @top-right { content: "TLP:${tlp}"; font: bold 8pt sans-serif; } }\n`;
}

/** No script, no address, no frame: only this very sheet, and the empty icon. */
export function contentPolicy(ours: string): string {
  return `default-src 'none'; style-src 'sha256-${hash('sha256', ours, 'base64')}'; img-src data:; base-uri 'none'; form-action 'none'`;
}
