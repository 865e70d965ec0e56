#include "results/page/page.h"

namespace ckptbench {
namespace {

constexpr std::string_view kStyle = R"css(
:root { --ink: #1b1f24; --soft: #57606a; --line: #d8dee4; --wash: #f6f8fa; --link: #0550ae; }
* { box-sizing: border-box; }
html { scroll-padding-top: 64px; }
body { margin: 0; color: var(--ink); background: #fff;
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Liberation Sans", "DejaVu Sans", sans-serif; }
header { position: sticky; top: 0; z-index: 2; background: rgba(255,255,255,.97);
  border-bottom: 1px solid var(--line); }
.bar { max-width: 1200px; margin: 0 auto; padding: 10px 24px; display: flex; flex-wrap: wrap;
  gap: 4px 12px; align-items: center; }
.brand { font-weight: 700; font-size: 17px; }
.suite { color: var(--soft); overflow-wrap: anywhere; }
.pill { border: 1px solid var(--line); border-radius: 999px; padding: 0 10px; font-size: 13px;
  white-space: nowrap; }
.pill.good { border-color: #0072b2; color: #004f7c; }
.pill.warn { border-color: #8a6d00; color: #6b5500; }
.pill.bad { border-color: #b33f00; background: #b33f00; color: #fff; }
nav { margin-left: auto; display: flex; flex-wrap: wrap; gap: 2px 16px; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
main { max-width: 1200px; margin: 0 auto; padding: 8px 24px 64px; }
section { margin-top: 30px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 6px; }
h2 { font-size: 21px; line-height: 1.25; margin: 0 0 6px; }
h3 { font-size: 16px; margin: 22px 0 4px; }
figure h3 { margin-top: 0; }
p { margin: 4px 0 10px; max-width: 80ch; }
.lead { font-size: 16px; margin: 4px 0 10px; padding-left: 20px; max-width: 80ch;
  overflow-wrap: anywhere; }
.soft, figcaption { color: var(--soft); }
figcaption { font-size: 13px; line-height: 1.4; }
code { font: 0.92em ui-monospace, "DejaVu Sans Mono", monospace; background: var(--wash);
  padding: 0 4px; border-radius: 4px; overflow-wrap: anywhere; }
pre { font: 12.5px/1.45 ui-monospace, "DejaVu Sans Mono", monospace; background: var(--wash);
  border: 1px solid var(--line); border-radius: 6px; padding: 10px 12px; margin: 6px 0;
  white-space: pre-wrap; overflow-wrap: anywhere; max-height: 420px; overflow-y: auto; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 520px), 1fr));
  gap: 26px 32px; }
figure { margin: 0; min-width: 0; }
.picture { overflow-x: auto; }
figure img { display: block; max-width: 100%; height: auto; margin: 4px 0; }
.missing { border: 1px dashed var(--soft); border-radius: 6px; padding: 14px; color: var(--soft); }
.scroll { overflow-x: auto; margin: 10px 0 16px; }
caption { text-align: left; color: var(--ink); font-weight: 600; padding: 2px 8px 6px; }
caption span { display: inline-block; position: sticky; left: 8px; max-width: calc(100vw - 40px); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums;
  font-size: 13.5px; line-height: 1.35; }
th { text-align: left; font-weight: 600; border-bottom: 2px solid var(--ink); padding: 5px 8px;
  vertical-align: bottom; }
td { border-bottom: 1px solid var(--line); padding: 5px 8px; vertical-align: top;
  overflow-wrap: break-word; }
th.n, td.n { text-align: right; overflow-wrap: normal; }
td.n { white-space: nowrap; }
td.n small { display: block; color: var(--soft); font-size: 11.5px; white-space: nowrap; }
td small { color: var(--soft); }
tr.group th { background: var(--wash); font-weight: 400; border-bottom: 1px solid var(--line); }
th.who { font-weight: 600; min-width: 132px; border-bottom: 1px solid var(--line);
  vertical-align: top; overflow-wrap: anywhere; }
.mark { font: 600 12.5px ui-monospace, "DejaVu Sans Mono", monospace; margin-right: 4px;
  text-decoration: none; color: #8a4b00; }
.legend { font-size: 13px; color: var(--soft); list-style: none; padding-left: 8px;
  margin-top: -8px; }
.bad { color: #a63a00; white-space: nowrap; }
td.claim { min-width: 118px; }
.count { white-space: nowrap; margin-right: 6px; }
th.who small { font-weight: 400; display: block; }
.v { display: inline-block; white-space: nowrap; border-radius: 4px; padding: 1px 7px; font-weight: 600;
  font-size: 12.5px; border: 1px solid transparent; }
.v-exact { background: #d9ecf7; color: #003f66; border-color: #0072b2; }
.v-rolled { background: #fff; color: #003f66; border-color: #0072b2; }
.v-loud { background: #fdf0d2; color: #5f4300; border-color: #c98b00; }
.v-silent { background: #f6d9e8; color: #6e1d4b; border-color: #b5578f; }
.v-wrong { background: #a63a00; color: #fff; border-color: #a63a00; }
.v-none { background: var(--wash); color: var(--soft); border-color: var(--line); }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr));
  gap: 8px 48px; }
.warning { border-left: 4px solid #c98b00; background: #fdf6e3; padding: 6px 12px; margin: 8px 0;
  overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 18px; margin: 6px 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
details { margin: 8px 0; }
summary { cursor: pointer; color: var(--link); }
ul { padding-left: 20px; margin: 4px 0 10px; }
@media (max-width: 640px) {
  header { position: static; }
  .bar, main { padding-left: 12px; padding-right: 12px; }
  nav { margin-left: 0; }
  dl { grid-template-columns: 1fr; }
  dd { margin-bottom: 6px; }
  figure img { max-width: none; }
  td p, td { min-width: 64px; }
}
@media print { header { position: static; } section { break-inside: avoid; } }
)css";

}  // namespace

std::string_view page_style() {
  return kStyle;
}

}  // namespace ckptbench
