// The frame of a page: the list of pages, the search, and the style.
import { escaped } from './markdown.js'

/** @typedef {import('./pages.js').Page} Page */

/**
 * @param {Page} page
 * @param {import('./markdown.js').Rendered} rendered
 * @param {readonly Page[]} pages
 */
export function pageHtml(page, { html, headings }, pages) {
  const up = page.path.includes('/') ? '../' : ''
  const here = headings.filter(({ level }) => level === 2)
  const contents =
    here.length < 2 || page.path === 'index.html'
      ? ''
      : `<nav class="contents" aria-label="On this page"><h2>On this page</h2><ul>${here
          .map(({ slug, text }) => `<li><a href="#${slug}">${escaped(text)}</a></li>`)
          .join('')}</ul></nav>`
  const title = page.path === 'index.html' ? 'Rolecall' : `${page.title} - Rolecall`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escaped(title)}</title>
<link rel="stylesheet" href="${up}style.css">
<script defer src="${up}search.js" data-up="${up}"></script>
</head>
<body>
<a class="skip" href="#text">Skip to the text</a>
<header>
<a class="name" href="${up}index.html">Rolecall</a>
<form role="search" onsubmit="return false"><label for="q">Search</label><input id="q" type="search" autocomplete="off" aria-controls="found" placeholder="press /"></form>
</header>
<div class="page">
<nav aria-label="Pages"><details open><summary>Pages</summary>${listOf(page, pages, up)}</details></nav>
<main id="text" tabindex="-1">
<section id="found" aria-live="polite" aria-label="Found" hidden></section>
${html.replace('</h1>', () => `</h1>${contents}`)}
</main>
</div>
</body>
</html>
`
}

/**
 * @param {Page} page
 * @param {readonly Page[]} pages
 * @param {string} up
 */
function listOf(page, pages, up) {
  const groups = [...new Set(pages.map(({ group }) => group))].filter((group) => group !== '')
  return groups
    .map((group) => {
      const links = pages
        .filter((each) => each.group === group)
        .map(
          (each) =>
            `<li><a href="${up}${each.path}"${each.path === page.path ? ' aria-current="page"' : ''}>${escaped(each.title)}</a></li>`,
        )
      const list = `<ul>${links.join('')}</ul>`
      return group === 'Kinds'
        ? `<details${page.group === 'Kinds' ? ' open' : ''}><summary>${group}</summary>${list}</details>`
        : `<h2>${group}</h2>${list}`
    })
    .join('')
}

/** Contrast is at least 4.5 in both colour schemes. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1c2128;--dim:#57606a;--line:#d0d7de;--box:#f6f8fa;--link:#0550ae;--string:#0a5128;--word:#8a1f6f;--mark:#ddf4ff}
@media(prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--dim:#9da7b3;--line:#30363d;--box:#161b22;--link:#79c0ff;--string:#7ee787;--word:#ff9bce;--mark:#12304d}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.6 system-ui,sans-serif}
a{color:var(--link)}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--bg);padding:8px;z-index:2}
header{display:flex;gap:16px;align-items:center;justify-content:space-between;padding:10px 24px;border-bottom:1px solid var(--line);position:sticky;top:0;background:var(--bg);z-index:1}
.name{font-weight:700;font-size:20px;color:var(--fg);text-decoration:none}
form{display:flex;gap:8px;align-items:center;margin:0}
input{font:inherit;width:min(340px,48vw);padding:5px 10px;border:1px solid var(--dim);border-radius:6px;background:var(--bg);color:var(--fg)}
input::placeholder{color:var(--dim);opacity:1}
.page{display:grid;grid-template-columns:230px minmax(0,1fr);max-width:1240px;margin:0 auto}
.page>nav{padding:16px 8px 40px 24px;font-size:14px;border-right:1px solid var(--line);position:sticky;top:52px;max-height:calc(100vh - 52px);overflow-y:auto;align-self:start}
.page>nav>details>summary{display:none}
.page>nav h2,.page>nav details details summary{font-size:12px;text-transform:uppercase;letter-spacing:.05em;color:var(--dim);margin:16px 0 4px;font-weight:600}
nav ul{list-style:none;margin:0;padding:0}nav li{padding:2px 0}nav a{text-decoration:none}nav a:hover{text-decoration:underline}
[aria-current]{font-weight:700;color:var(--fg)}
main{padding:8px 32px 80px;min-width:0;max-width:900px;overflow-wrap:anywhere}
main:focus{outline:none}
h1{font-size:30px;line-height:1.25;margin:24px 0 12px}h2{font-size:22px;margin:36px 0 8px}h3{font-size:18px;margin:28px 0 8px}
h1,h2,h3,h4{scroll-margin-top:64px}
.contents{border:1px solid var(--line);border-radius:6px;padding:8px 16px;font-size:14px;margin:12px 0;columns:2}
.contents h2{font-size:14px;margin:0 0 4px;column-span:all}
code,pre{font:14px/1.5 ui-monospace,monospace}code{background:var(--box);border-radius:4px;padding:1px 4px}
pre{background:var(--box);border:1px solid var(--line);border-radius:6px;padding:12px 16px;overflow-x:auto;overflow-wrap:normal}pre code{padding:0;background:none}
.comment{color:var(--dim)}.string{color:var(--string)}.word{color:var(--word)}
.scroll{overflow-x:auto;margin:12px 0}
table{border-collapse:collapse;font-size:14px;overflow-wrap:normal}th,td{border:1px solid var(--line);padding:5px 10px;text-align:left;vertical-align:top}th{background:var(--box)}
img{max-width:100%;height:auto;border:1px solid var(--line);border-radius:6px}
#found{border:1px solid var(--line);border-radius:6px;padding:8px 16px;margin:12px 0;background:var(--mark)}#found ol{margin:0;padding-left:24px}#found p{margin:4px 0}
[hidden]{display:none!important}
@media(max-width:800px){.page{display:block}.page>nav{position:static;max-height:none;border-right:0;border-bottom:1px solid var(--line);padding:8px 16px}.page>nav>details>summary{display:list-item;padding:6px 0;cursor:pointer}main{padding:8px 16px 60px}header{padding:8px 16px}.contents{columns:1}form label{position:absolute;left:-999px}}
@media print{header,.page>nav,.contents{display:none}.page{display:block}}
`

/** The search in the browser. Loads the index on the first search; works from a file as from a server. */
export const SEARCH = `
const up=document.currentScript.dataset.up,box=document.getElementById('q'),found=document.getElementById('found');
if(matchMedia('(max-width:800px)').matches)document.querySelector('nav details').open=false;
let loading;
function index(){return loading??=['minisearch.js','search-index.js'].reduce((before,name)=>before.then(()=>new Promise((done,fail)=>{
const script=document.createElement('script');script.src=up+name;script.onload=done;script.onerror=fail;document.head.append(script)})),Promise.resolve())
.then(()=>MiniSearch.loadJSON(ROLECALL_INDEX,ROLECALL_OPTIONS))}
async function search(){const words=box.value.trim();if(words===''){found.hidden=true;found.replaceChildren();return}
const hits=(await index()).search(words,{prefix:true,fuzzy:.2,boost:{title:4,heading:2},combineWith:'AND',boostDocument:id=>/^(changelog|source[/])/.test(id)?.3:1}).slice(0,12);
if(box.value.trim()!==words)return;
found.hidden=false;
const said=document.createElement('p');said.textContent=hits.length===0?'Nothing has these words.':hits.length===1?'1 place':hits.length+' places';
const list=document.createElement('ol');
for(const hit of hits){const item=document.createElement('li'),link=document.createElement('a');link.href=up+hit.id;
link.textContent=hit.title+(hit.heading&&hit.heading!==hit.title?': '+hit.heading:'');item.append(link);list.append(item)}
found.replaceChildren(said,...(hits.length===0?[]:[list]))}
box.addEventListener('input',search);
box.addEventListener('keydown',event=>{if(event.key==='Enter')found.querySelector('a')?.click();if(event.key==='Escape'){box.value='';search()}});
addEventListener('keydown',event=>{if(event.key==='/'&&!/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)){event.preventDefault();box.focus()}});
`
