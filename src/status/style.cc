#include "status/pages.h"

namespace backlogd::status {

// Colours of both schemes have a contrast of at least 4.5 to 1 where they carry text.
namespace {

constexpr std::string_view kStyleSheet = R"(:root {
  color-scheme: light dark;
  --page: #f5f7f9; --card: #fff; --line: #dde3e9; --text: #1b2733; --soft: #556472;
  --link: #0b5cad; --bar: #12394f; --ok: #14713a; --watch: #0b5cad; --warn: #8a5300;
  --bad: #b42318; --odd: #6b3fa0; --tint: 10%;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #10171e; --card: #18222c; --line: #2c3a47; --text: #e4eaf0; --soft: #9fb0bf;
    --link: #7db8f0; --bar: #0c2433; --ok: #5fd08b; --watch: #7db8f0; --warn: #f0b45a;
    --bad: #ff8f84; --odd: #c5a3f5; --tint: 16%;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC",
    "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
}
a { color: var(--link); }
a:focus-visible, button:focus-visible, input:focus-visible, select:focus-visible {
  outline: 3px solid var(--link); outline-offset: 2px;
}
.skip { position: absolute; left: -999px; }
.skip:focus { left: 8px; top: 8px; background: var(--card); padding: 8px; z-index: 1; }
header { background: var(--bar); }
.bar {
  max-width: 1280px; margin: 0 auto; padding: 0 20px; display: flex; flex-wrap: wrap;
  align-items: center; column-gap: 24px;
}
header a { color: #dbe8f2; text-decoration: none; padding: 12px 0; display: inline-block; }
header a:focus-visible { outline-color: #fff; }
.brand { font-weight: 700; font-size: 18px; color: #fff; }
.tabs { display: flex; flex-wrap: wrap; column-gap: 20px; flex: 1; }
.tabs a { border-bottom: 3px solid transparent; border-top: 3px solid transparent; }
header a:hover, header [aria-current] { color: #fff; }
.tabs [aria-current] { border-bottom-color: #5fc3e8; }
.languages { display: flex; gap: 14px; font-size: 14px; }
.languages [aria-current] { text-decoration: underline; text-underline-offset: 4px; }
main { max-width: 1280px; margin: 0 auto; padding: 20px; }
footer { max-width: 1280px; margin: 0 auto; padding: 0 20px 32px; color: var(--soft); font-size: 13px; }
h1 { font-size: 24px; margin: 4px 0 16px; overflow-wrap: anywhere; line-height: 1.25; }
h2 { font-size: 18px; margin: 32px 0 10px; overflow-wrap: anywhere; }
.count { color: var(--soft); font-weight: 400; }
.path { margin: 0; color: var(--soft); overflow-wrap: anywhere; }
.notice {
  border: 1px solid var(--bad); border-left-width: 5px; border-radius: 6px; padding: 10px 14px;
  background: var(--card); margin: 0 0 12px; overflow-wrap: anywhere;
}
.empty { color: var(--soft); background: var(--card); border: 1px dashed var(--line);
  border-radius: 8px; padding: 16px; }
.tiles { list-style: none; margin: 0 0 16px; padding: 0; display: grid; gap: 10px;
  grid-template-columns: repeat(auto-fill, minmax(124px, 1fr)); }
.tile {
  --c: var(--soft); display: block; text-decoration: none; color: var(--text);
  background: var(--card); border: 1px solid var(--line); border-top: 4px solid var(--c);
  border-radius: 8px; padding: 8px 12px;
}
.tile b { display: block; font-size: 24px; line-height: 1.2; color: var(--c); }
.tile span { font-size: 13px; color: var(--soft); }
.tile.none { border-top-color: var(--line); }
.tile.none b { color: var(--soft); font-weight: 400; }
.tile:hover { border-color: var(--c); }
.filters { display: flex; flex-wrap: wrap; gap: 12px; align-items: end; margin: 0 0 14px; }
.filters label { max-width: 100%; }
.filters select { max-width: 320px; }
.filters label span { display: block; font-size: 13px; color: var(--soft); }
input, select, button {
  font: inherit; color: inherit; background: var(--card); border: 1px solid var(--soft);
  border-radius: 6px; padding: 6px 10px; min-height: 38px; max-width: 100%;
}
button { background: var(--bar); color: #fff; border-color: var(--bar); padding: 6px 18px;
  cursor: pointer; }
.filters a { padding: 7px 0; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line);
  border-radius: 8px; }
table { border-collapse: collapse; width: 100%; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { text-align: left; padding: 9px 12px; border-top: 1px solid var(--line);
  vertical-align: middle; overflow-wrap: anywhere; }
td:not(.number) { min-width: 110px; }
thead th { border-top: 0; font-size: 13px; font-weight: 600; color: var(--soft);
  overflow-wrap: normal; vertical-align: bottom; }
tbody th { font-weight: 600; min-width: 140px; max-width: 420px; }
tbody tr:hover { background: color-mix(in srgb, var(--link) 6%, transparent); }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
thead .number { white-space: normal; }
.advice { color: var(--soft); font-size: 14px; display: block; min-width: 200px; }
.status {
  --c: var(--soft); display: inline-block; white-space: nowrap; font-size: 13px; font-weight: 600;
  color: var(--c); border: 1px solid var(--c); border-radius: 999px; padding: 1px 10px;
  background: color-mix(in srgb, var(--c) var(--tint), transparent);
}
.status::before { content: ""; display: inline-block; width: 8px; height: 8px;
  border-radius: 50%; background: var(--c); margin-right: 6px; }
.ok { --c: var(--ok); }
.catching_up { --c: var(--watch); }
.falling_behind, .not_committing { --c: var(--warn); }
.rewound { --c: var(--odd); }
.stalled, .stopped, .losing_data { --c: var(--bad); }
.spark { display: block; color: var(--link); }
.spark .line { fill: none; stroke: currentColor; stroke-width: 1.6; stroke-linejoin: round;
  vector-effect: non-scaling-stroke; }
.spark .area { fill: currentColor; opacity: 0.16; }
.paging { display: flex; gap: 18px; align-items: center; margin: 12px 0; }
.verdict { background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: 14px 16px; margin-bottom: 14px; }
.lead { margin: 0; }
.verdict dl { margin: 10px 0 0; }
.verdict dl:empty { display: none; }
.verdict dl div { display: grid; grid-template-columns: 110px 1fr; gap: 10px; padding: 2px 0; }
dt { color: var(--soft); font-size: 13px; }
dd { margin: 0; overflow-wrap: anywhere; }
.facts { display: grid; margin: 0 0 14px; background: var(--card);
  border: 1px solid var(--line); border-radius: 8px; overflow: hidden;
  grid-template-columns: repeat(auto-fill, minmax(160px, 1fr)); }
.facts div { padding: 9px 14px; box-shadow: 1px 1px var(--line); }
.facts dd { font-size: 17px; font-weight: 600; font-variant-numeric: tabular-nums; }
.charts { display: grid; gap: 14px; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: 12px 16px; }
figure .spark { width: 100%; height: 96px; margin: 8px 0 2px; border-bottom: 1px solid var(--line); }
figcaption span, .axis { color: var(--soft); font-size: 13px; }
.axis { display: flex; justify-content: space-between; }
@media (max-width: 720px) {
  main { padding: 14px 12px; }
  .bar { padding: 0 12px; column-gap: 16px; }
  .brand { flex: 1; }
  .languages { order: 1; }
  .tabs { order: 2; flex-basis: 100%; flex-wrap: nowrap; overflow-x: auto; }
  .tabs a { white-space: nowrap; padding: 8px 0; }
  .tiles { grid-template-columns: repeat(3, 1fr); gap: 8px; }
  .tile { padding: 6px 8px; }
  .tile b { font-size: 20px; }
  .filters label { flex: 1 1 44%; }
  .filters input, .filters select { width: 100%; max-width: 100%; }
  .scroll { overflow: visible; background: none; border: 0; }
  table, tbody, tr, tbody th, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { background: var(--card); border: 1px solid var(--line); border-radius: 8px;
    margin-bottom: 10px; padding: 6px 12px; }
  tbody th { border: 0; max-width: none; padding: 4px 0; font-size: 16px; }
  td:not(.number) { min-width: 0; }
  td { display: flex; justify-content: space-between; gap: 16px; border: 0; padding: 3px 0;
    text-align: right; white-space: normal; }
  td::before { content: attr(data-title); color: var(--soft); font-size: 13px; text-align: left;
    flex: 0 0 auto; max-width: 45%; }
  td:has(> div:empty) { display: none; }
  .advice { min-width: 0; }
}
@media print {
  header, .filters, .paging, footer { display: none; }
}
)";

constexpr std::string_view kRefreshScript = R"("use strict";
(() => {
  const isBusy = () => {
    const form = document.querySelector("form");
    if (!form) return !getSelection().isCollapsed;
    const isChanged = (field) => field.options
      ? [...field.options].some((option) => option.selected && !option.defaultSelected) &&
        field.selectedIndex > 0
      : field.value !== field.defaultValue;
    return form.contains(document.activeElement) || !getSelection().isCollapsed ||
      [...form.querySelectorAll("input, select")].some(isChanged);
  };
  const refresh = () => {
    if (isBusy()) setTimeout(refresh, 1000); else location.reload();
  };
  setTimeout(refresh, 30000);
})();
)";

}  // namespace

std::string_view StyleSheet() { return kStyleSheet; }

std::string_view RefreshScript() { return kRefreshScript; }

}  // namespace backlogd::status
