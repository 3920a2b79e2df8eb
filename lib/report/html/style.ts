/** The contrast is at least 4.5 in both schemes, and colour is never the only sign. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1c2128;--dim:#57606a;--line:#d0d7de;--box:#f6f8fa;--ok:#116329;--change:#7d4e00;--unknown:#6639ba;--bad:#a40e26;--link:#0550ae;--add:#dafbe1;--del:#ffebe9}
@media(prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--dim:#9da7b3;--line:#30363d;--box:#161b22;--ok:#56d364;--change:#e3b341;--unknown:#d2a8ff;--bad:#ff7b72;--link:#79c0ff;--add:#12361f;--del:#4a1518}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif}
main,header{max-width:1100px;margin:0 auto;padding:0 16px}
h1{font-size:24px;margin:24px 0 8px}h2{font-size:18px;margin:32px 0 8px}
code,pre{font:13px/1.45 ui-monospace,monospace}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--box);border:1px solid var(--line);border-radius:6px;padding:8px 12px;margin:8px 0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:8px 0}dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
.dim{color:var(--dim)}.ok{color:var(--ok)}.change{color:var(--change)}.unknown{color:var(--unknown)}.bad{color:var(--bad)}
article{border:1px solid var(--line);border-radius:6px;padding:8px 12px;margin:8px 0;overflow-wrap:anywhere}
article.bad{border-left:4px solid var(--bad);color:inherit}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:13px}th,td{padding:2px 10px 2px 0;text-align:left;white-space:nowrap;border-bottom:1px solid var(--line)}
td.d{color:var(--ok)}td.f,td.u{color:var(--bad)}td.s,td.c{color:var(--dim)}
summary{cursor:pointer}
.add,.del,.same{display:block}.add{background:var(--add)}.del{background:var(--del)}
label{display:block;margin:16px 0}input{font:inherit;width:100%;max-width:420px;padding:6px 10px;border:1px solid var(--dim);border-radius:6px;background:var(--bg);color:var(--fg)}
button{font:inherit;padding:4px 12px;border:1px solid var(--dim);border-radius:6px;background:var(--box);color:var(--fg)}
svg{width:100%;min-width:900px;display:block}svg text{font:11px system-ui,sans-serif;fill:var(--fg)}
path{fill:none;stroke-width:8}.connect{stroke:var(--dim)}.probe{stroke:var(--link)}.act{stroke:var(--change)}.critical{stroke:var(--bad);stroke-width:2}
i.connect,i.probe,i.act,i.critical{display:inline-block;width:14px;height:8px;margin:0 4px 0 12px}
i.connect{background:var(--dim)}i.probe{background:var(--link)}i.act{background:var(--change)}i.critical{background:var(--bad);height:2px;vertical-align:middle}
.key{white-space:nowrap}a{color:var(--link)}
nav ul{display:flex;flex-wrap:wrap;gap:4px 20px;margin:0;padding:0;list-style:none}
th[scope=row]{position:sticky;left:0;background:var(--bg)}
[hidden]{display:none!important}
@media screen{#changes~article,#list>article{content-visibility:auto;contain-intrinsic-size:auto 44px}}
@media(max-width:600px){h1{font-size:20px}th[scope=row]{white-space:normal;overflow-wrap:anywhere;min-width:6em;max-width:40vw}}
@media print{:root{--bg:#fff;--fg:#000;--dim:#444;--line:#bbb;--box:#fff;--ok:#116329;--change:#7d4e00;--unknown:#6639ba;--bad:#a40e26;--link:#0550ae;--add:#fff;--del:#fff}label,button,nav,#events{display:none}.scroll{overflow:visible}table{font-size:10px}th,td{white-space:normal;padding-right:6px;overflow-wrap:anywhere}th[scope=row]{position:static}svg{min-width:0}a{color:inherit}article,tr{break-inside:avoid}main,header{max-width:none}}
`
