"""The style sheet of the report."""

STYLE = """
:root { color-scheme: light dark; --page: #fbfbf9; --card: #ffffff; --ink: #1d2126; --soft: #5d6670; --line: #dcdfe3;
  --blue: #2563b0; --good: #18794e; --bad: #c2362b; --fair: #96660a; }
@media (prefers-color-scheme: dark) {
  :root { --page: #15181c; --card: #1e2227; --ink: #e8eaed; --soft: #a3acb6; --line: #343a42;
    --blue: #74a9ee; --good: #5cc394; --bad: #f08379; --fair: #e0b050; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.25rem; margin: 2.6rem 0 .8rem; }
h3 { font-size: 1rem; margin: 0 0 .4rem; }
header p, figcaption, .meaning, .label, small, blockquote footer { color: var(--soft); }
p { margin: .3rem 0; overflow-wrap: anywhere; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.2rem, 1fr)); gap: .7rem; margin: 1.4rem 0 0; }
.cards > div, figure, .worst > li { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
.cards > div { padding: .7rem .8rem; }
dt { color: var(--soft); font-size: .9rem; }
dd { margin: 0; font-size: 1.6rem; font-weight: 600; font-variant-numeric: tabular-nums; }
dd.meaning { font-size: .8rem; font-weight: 400; line-height: 1.3; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: .8rem; }
figure { margin: .8rem 0 0; padding: .9rem; max-width: 34rem; }
.charts figure { margin: 0; max-width: none; }
figcaption { font-size: .85rem; }
.chart { display: block; width: 100%; height: auto; }
.chart text { fill: var(--soft); font-size: 11px; }
.grid { stroke: var(--line); fill: none; }
rect.grid { fill: var(--line); stroke: none; }
.axis { stroke: var(--soft); }
.ideal { stroke: var(--soft); stroke-dasharray: 4 4; }
.line { stroke: var(--blue); stroke-width: 2; fill: none; stroke-linejoin: round; }
.bar { fill: var(--blue); fill-opacity: .75; }
.dot { fill: var(--ink); }
.mark { fill: var(--bad); stroke: var(--card); stroke-width: 1.5; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { color: var(--soft); font-weight: 500; font-size: .85rem; white-space: nowrap; }
tbody th { font-weight: 500; white-space: nowrap; }
.numbers td, .numbers thead th:not(:first-child), .figures td:nth-child(2) { text-align: right; white-space: nowrap; }
.share { display: block; width: 100%; min-width: 3.5rem; height: 4px; margin-top: 3px; }
.worst { list-style: none; padding: 0; margin: 0; display: grid; gap: .8rem; }
.worst > li { padding: .8rem .9rem; }
.worst > li > p:first-child { font-size: .85rem; color: var(--soft); }
.question { font-weight: 600; }
.label { font-size: .8rem; margin-top: .6rem; }
blockquote { margin: .2rem 0; padding-left: .8rem; border-left: 3px solid var(--line); overflow-wrap: anywhere; }
blockquote footer { font-size: .8rem; }
details { margin-top: .5rem; }
summary { cursor: pointer; color: var(--blue); }
.turns { padding-left: 1.1rem; overflow-wrap: anywhere; }
.badge { font-size: .8rem; font-weight: 600; white-space: nowrap; }
.right, .declined, .better { color: var(--good); }
.wrong, .invented, .worse { color: var(--bad); }
.silent { color: var(--fair); }
@media (max-width: 32rem) { table { font-size: .9rem; } th, td { padding: .35rem; } }
"""
