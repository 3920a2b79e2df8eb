/** A row of a long list, for which the page's script makes elements when the row becomes visible. */
export interface ChangeRow {
  readonly resource: string
  readonly steps: string
  /** Role, hosts, reason. */
  readonly where: string
  /** All hosts, where `where` names only some. */
  readonly hosts?: string
  /** The line of the events that has the diff. */
  readonly line?: number
}

/**
 * The script of the page: unpacks large sections, filters entries by search words, keeps the words in the address, and offers the events as a file.
 * A long list of changes is data: two hundred rows become elements at first, and the others on a click, for a search, or for printing. Diffs are taken from
 * the events, which are unpacked after the page has become usable. After a click on "Show", the first new row has the focus. Plain JavaScript for browsers.
 */
export const SCRIPT = `
const $=id=>document.getElementById(id),box=$('q'),none=$('none'),list=$('list'),each=(w,f,of=document)=>of.querySelectorAll(w).forEach(f);
const open=text=>new Response(new Blob([Uint8Array.from(atob(text.trim()),c=>c.charCodeAt(0))]).stream().pipeThrough(new DecompressionStream('gzip')));
const el=(name,of,...parts)=>{const e=document.createElement(name);if(of)e.className=of;e.append(...parts);return e};
let fixed=[],rows=[],wanted=[],drawn=0,asked=0,lines,reading;
const read=()=>reading??=open($('raw').textContent).text().then(text=>{const[order,...all]=text.split('\\n');lines=[];let at=0;JSON.parse(order).forEach((d,i)=>{lines[at+=d]=all[i]})});
const diffOf=row=>row.line===undefined?'':JSON.parse(lines[row.line]).diff;
function fill(p){if(p.firstChild||!lines)return;for(const l of diffOf(p.row).trimEnd().split('\\n'))p.append(el('span',/^[+](?![+][+])/.test(l)?'add':/^-(?!--)/.test(l)?'del':'same',l))}
function article(row){const head=[el('strong','',row.resource),' ',el('span','change',row.steps),' ',el('span','dim',row.where)],a=el('article');
if(row.line===undefined&&!row.hosts)a.append(...head);else{const d=el('details','',el('summary','',...head));
if(row.hosts)d.append(el('p','dim',row.hosts));if(row.line!==undefined){const p=el('pre');p.row=row;d.append(p)}a.append(d)}return a}
function draw(count){const some=wanted.slice(drawn,drawn+count);list.append(...some.map(article));drawn+=some.length;
const left=wanted.length-drawn;$('more').hidden=!left;$('left').textContent=left+' more are not shown yet.'}
function show(some){wanted=some;drawn=0;list.replaceChildren();draw(200)}
async function unpack(){try{for(const p of document.querySelectorAll('[data-z]')){p.innerHTML=await open(p.dataset.z).text();p.removeAttribute('data-z')}
if(list){rows=await open(list.dataset.rows).json();list.removeAttribute('data-rows');show(rows);setTimeout(read,200)}
}finally{fixed=[...document.querySelectorAll('[data-s]')].map(e=>[e,e.textContent.toLowerCase()]);
if(/^#q=/.test(location.hash))restore();else if(location.hash.length>1)$(location.hash.slice(1))?.scrollIntoView()}}
async function filter(){const mine=++asked,words=box.value.toLowerCase().split(/\\s+/).filter(Boolean),has=t=>words.every(w=>t.includes(w));let seen=0;
history.replaceState(null,'',words.length?'#q='+encodeURIComponent(box.value):location.pathname+location.search);
for(const[e,t]of fixed){const hit=has(t);e.hidden=!hit;if(hit)seen++}
if(list){if(words.length){await read();if(mine!==asked)return}
const found=words.length?rows.filter(r=>has(r.text??=[r.resource,r.steps,r.where,r.hosts,diffOf(r)].join('\\n').toLowerCase())):rows;show(found);seen+=found.length}
none.hidden=seen>0||!words.length}
function restore(){const m=/^#q=(.*)$/.exec(location.hash);if(m){try{box.value=decodeURIComponent(m[1])}catch{box.value=''}filter()}}
box.addEventListener('input',filter);addEventListener('hashchange',restore);
document.addEventListener('toggle',async e=>{if(e.target.open&&list?.contains(e.target)){await read();each('pre',fill,e.target)}},true);
addEventListener('beforeprint',()=>{if(list)draw(Infinity);each('details',d=>d.open=true);if(list)each('pre',fill,list)});
function more(count){const at=drawn;draw(count);const e=list.children[at];if(e){e.tabIndex=-1;e.focus()}}
if(list){$('some').onclick=()=>more(200);$('every').onclick=()=>more(Infinity)}
$('save').addEventListener('click',async e=>{await read();const a=document.createElement('a');
a.href=URL.createObjectURL(new Blob([lines.join('\\n')+'\\n']));a.download=e.target.dataset.name;a.click()});
unpack();
`
