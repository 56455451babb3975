#include "adapters/api/pages.hpp"

namespace renkei::api {

// System fonts, light and dark, printable. Colours keep a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3).
std::string_view style_sheet() {
    return R"(
:root { color-scheme: light dark; --ink: #1b2430; --soft: #55606e; --paper: #ffffff; --ground: #f2f5f8; --line: #d5dce4;
  --accent: #0b5cad; --on-accent: #ffffff; --good: #176b37; --warn: #7d5200; --bad: #a42318; --field: #ffffff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8edf3; --soft: #a7b2bf; --paper: #1a212b; --ground: #10151c; --line: #364150;
  --accent: #7db8f5; --on-accent: #0d1722; --good: #74d296; --warn: #e9bb61; --bad: #ff9d91; --field: #11171f; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; background: var(--ground); color: var(--ink); line-height: 1.65;
  font: 1rem/1.65 system-ui, -apple-system, "Segoe UI", "Hiragino Sans", "Noto Sans JP", "Yu Gothic UI", Meiryo, sans-serif; }
header { max-width: 40rem; margin: 0 auto; padding: 2rem 1.25rem 1rem; display: flex; align-items: center; gap: .75rem; }
.mark { background: var(--accent); color: var(--on-accent); border-radius: .5rem; padding: .2rem .55rem; font-weight: 700; letter-spacing: .08em; }
.brand { font-weight: 600; letter-spacing: .02em; }
main { max-width: 40rem; margin: 0 auto 3rem; padding: 2rem clamp(1.25rem, 5vw, 2.5rem) 2.25rem; background: var(--paper);
  border: 1px solid var(--line); border-top: 4px solid var(--accent); border-radius: .75rem; }
main.good { border-top-color: var(--good); } main.bad { border-top-color: var(--bad); }
h1 { margin: 0 0 1rem; font-size: 1.45rem; line-height: 1.35; text-wrap: balance; }
main.good h1 { color: var(--good); } main.bad h1 { color: var(--bad); }
h2 { margin: 2rem 0 .5rem; font-size: 1rem; }
p.code { font: 600 2rem/1.2 ui-monospace, monospace; letter-spacing: .08em; user-select: all; }
p { margin: .75rem 0; } .soft { color: var(--soft); font-size: .92rem; }
dl { margin: 1.25rem 0; border-top: 1px solid var(--line); }
dt { padding-top: .75rem; color: var(--soft); font-size: .88rem; }
dd { margin: 0; padding-bottom: .75rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
ul.scopes { list-style: none; margin: .25rem 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: .4rem; }
ul.scopes li { border: 1px solid var(--line); border-radius: 1rem; padding: .05rem .7rem; font-size: .88rem; overflow-wrap: anywhere; }
code, pre { font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, "Noto Sans Mono CJK JP", monospace; font-size: .9rem; }
pre { margin: 0; padding: 1rem; background: var(--ground); border: 1px solid var(--line); border-radius: .5rem; white-space: pre-wrap;
  overflow-wrap: anywhere; user-select: all; }
label { display: block; margin: 1.1rem 0 .3rem; font-weight: 600; }
label.check { display: flex; gap: .6rem; align-items: flex-start; font-weight: 400; } label.check input { margin-top: .4rem; }
fieldset { margin: 1.1rem 0 0; padding: .5rem 1rem .8rem; border: 1px solid var(--line); border-radius: .5rem; } legend { font-weight: 600; padding: 0 .3rem; }
fieldset label.check { margin: .3rem 0 0; }
.hint { color: var(--soft); font-size: .88rem; margin: .3rem 0 0; }
input[type=text], input[type=email], input[type=password], input[type=date] { width: 100%; padding: .6rem .75rem; font: inherit; color: inherit;
  background: var(--field); border: 1px solid var(--soft); border-radius: .5rem; }
button { margin-top: 1.75rem; padding: .65rem 1.75rem; font: inherit; font-weight: 600; color: var(--on-accent); background: var(--accent);
  border: 0; border-radius: .5rem; cursor: pointer; }
input:focus-visible, button:focus-visible, pre:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.refused { color: var(--bad); border-left: 4px solid var(--bad); padding-left: .75rem; }
nav { margin-left: auto; display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; font-size: .92rem; }
header:has(nav) { flex-wrap: wrap; }
a { color: var(--accent); text-underline-offset: .2em; } a[aria-current] { color: inherit; font-weight: 600; text-decoration: none; }
form.inline { display: inline; } form.inline button { margin: 0; }
button.quiet { padding: .3rem .9rem; font-weight: 500; font-size: .92rem; color: var(--accent); background: transparent; border: 1px solid var(--line); }
button.link { padding: 0; font-weight: 400; font-size: inherit; color: var(--accent); background: none; text-decoration: underline; text-underline-offset: .2em; }
button.bad { color: var(--bad); }
ul.cards { list-style: none; margin: 1.25rem 0 0; padding: 0; display: grid; gap: 1rem; }
ul.cards > li { border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.1rem; overflow-wrap: anywhere; }
ul.cards h2 { margin: 0; font-size: 1.05rem; } ul.cards dl { border: 0; margin: .5rem 0; } ul.cards dt { padding-top: .4rem; }
ul.cards dd { border: 0; padding: 0; }
.tag { display: inline-block; border: 1px solid var(--line); border-radius: 1rem; padding: .05rem .7rem; font-size: .85rem; font-weight: 500; }
.tag.good { color: var(--good); border-color: var(--good); } .tag.bad { color: var(--bad); border-color: var(--bad); }
.done { color: var(--good); border-left: 4px solid var(--good); padding-left: .75rem; }
.row { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: baseline; justify-content: space-between; }
a:focus-visible, summary:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: .2rem; }
/* Long forms and lists. */
body:has(table.list) header, body:has(table.list) main { max-width: 64rem; }
body:not(:has(table.list)):has(nav) header, body:not(:has(table.list)):has(nav) main { max-width: 44rem; }
form[enctype] fieldset { border: 0; border-radius: 0; border-top: 1px solid var(--line); margin: 2rem 0 0; padding: .25rem 0 0; min-width: 0; }
form[enctype] legend { padding: 0 .75rem 0 0; font-weight: 700; font-size: 1.1rem; }
input[type=date], input[type=file], select, textarea { width: 100%; padding: .6rem .75rem; font: inherit; color: inherit; background: var(--field);
  border: 1px solid var(--soft); border-radius: .5rem; } input[type=date] { max-width: 14rem; } select { text-overflow: ellipsis; }
textarea { font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, "Noto Sans Mono CJK JP", monospace; font-size: .9rem; resize: vertical; }
select:focus-visible, textarea:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
input[aria-invalid], textarea[aria-invalid], select[aria-invalid] { border-color: var(--bad); border-width: 2px; }
label .soft { font-weight: 400; } label.check { margin: .5rem 0; } label.check input { flex: none; width: 1.05rem; height: 1.05rem; } label.check span { min-width: 0; overflow-wrap: anywhere; }
label.danger { color: var(--bad); margin-top: 1rem; } .hint, .field-refused { overflow-wrap: anywhere; }
.field-refused { color: var(--bad); font-size: .92rem; margin: .35rem 0 0; font-weight: 500; }
form:has(select[name=registration] option:not([value=""]):checked) .new-app { display: none; }
.notice { border: 1px solid var(--line); border-left: 4px solid var(--accent); border-radius: .5rem; padding: .25rem 1.1rem; margin: 1rem 0; overflow-wrap: anywhere; }
.notice.bad { border-left-color: var(--bad); } .notice dl { margin: .25rem 0; border: 0; } .notice dd { border: 0; padding-bottom: .35rem; } .notice ul { padding-left: 1.2rem; margin: .25rem 0 .75rem; }
.notice a { color: inherit; } .notice details { margin: .5rem 0 1rem; } .strong { font-weight: 600; } summary { cursor: pointer; }
.buttons { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; margin: 1.25rem 0 .5rem; } .buttons button { padding: .5rem 1.3rem; font-size: .95rem; }
a.button { display: inline-block; padding: .5rem 1.3rem; font-weight: 600; font-size: .95rem; line-height: 1.65; color: var(--on-accent); background: var(--accent); border: 1px solid transparent;
  border-radius: .5rem; text-decoration: none; } .buttons button.quiet, a.button.quiet { color: var(--accent); background: transparent; border: 1px solid var(--line); font-weight: 500; }
.buttons button.bad, a.button.bad { color: var(--bad); } button.danger { background: var(--bad); color: var(--paper); }
.state { font-weight: 600; white-space: nowrap; } .state.good { color: var(--good); } .state.warn { color: var(--warn); } .state.bad { color: var(--bad); }
td .state, li .state { white-space: normal; } .notice form { margin: 0 0 1rem; } .notice button { margin-top: .75rem; }
.id { font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; font-size: .88rem; user-select: all; overflow-wrap: anywhere; }
ul.scopes.bad li { color: var(--bad); border-color: var(--bad); } ul.scopes.warn li { color: var(--warn); border-color: var(--warn); }
ul.stages { list-style: none; padding: 0; } ul.stages > li { margin: .4rem 0; }
ul.choices { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .5rem; } ul.choices a { display: block; padding: .35rem 1rem; border: 1px solid var(--line); border-radius: 1.2rem; text-decoration: none; }
ul.choices a[aria-current] { border: 2px solid var(--accent); } ul.cards li:has(h2 a):hover { border-color: var(--accent); } ul.cards li.unavailable { opacity: .8; border-style: dashed; }
ul.cards p { margin: .35rem 0 0; } .notice.bad ul { columns: 2; } .notice.bad ul a { color: inherit; }
@media (min-width: 44.01rem) { dl.facts { display: grid; grid-template-columns: 13rem 1fr; } dl.facts dt, dl.facts dd { padding: .55rem 0; border-bottom: 1px solid var(--line); margin: 0; } dl.facts dt { padding-right: 1rem; } }
p.primary { margin: 0 0 1rem; text-align: right; } main:has(p.primary) > h1 { float: left; } main:has(p.primary) > :not(h1, .primary) { clear: both; }
table.list { width: 100%; table-layout: fixed; border-collapse: collapse; font-size: .92rem; } .list th { text-align: left; color: var(--soft); font-weight: 500; font-size: .85rem; }
.list th, .list td { padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; } .list td { line-height: 1.5; }
.list th:nth-child(1) { width: 18%; } .list th:nth-child(2) { width: 29%; } .list th:nth-child(3) { width: 15%; } .list th:nth-child(4) { width: 25%; } .list td:nth-child(2) a { font-weight: 600; }
@media (max-width: 44rem) { .list thead { display: none; } .list, .list tbody, .list tr, .list td { display: block; width: auto !important; } .list tr { border-bottom: 1px solid var(--line); padding: .6rem 0; }
  .list td { border: 0; padding: .1rem 0; } .list td[data-label]::before { content: attr(data-label) ": "; color: var(--soft); } header:has(nav) nav { margin-left: 0; } }
@media print { body { background: #fff; color: #000; } nav { display: none; } main { border: 0; padding: 0; max-width: none; } button { display: none; } }
)";
}

}  // namespace renkei::api
