// The lab's artifact mirror: serves directories over HTTP, as if they were one, read-only. A process of its own, started by `rolecall lab up`:
//   node serve.js ADDRESS PORT IDENTITY DIRECTORY...
// IDENTITY comes back in the header `x-rolecall-mirror`, by which `up` tells a mirror of today from another server.
// Only node's own modules: it is copied as it is into what is published.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, readdir, realpath, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'

const [address = '127.0.0.1', port = '8081', identity = '', ...directories] = process.argv.slice(2)
const roots = await Promise.all(directories.map((directory) => realpath(directory)))

const server = createServer((request, response) => {
  response.setHeader('x-rolecall-mirror', identity)
  answer(request, response).catch((/** @type {unknown} */ error) => {
    const cause = error instanceof Error ? error.message : String(error)
    process.stdout.write(`${request.method} ${request.url}: ${cause}\n`)
    if (response.headersSent) response.destroy()
    else end(response, 500, 'the mirror cannot read that file\n')
  })
})
server.listen({ host: address, port: Number(port) })
server.once('error', (error) => {
  process.stdout.write(`${error.message}\n`)
  process.exitCode = 1
})

/**
 * @typedef {import('node:http').IncomingMessage} Request
 * @typedef {import('node:http').ServerResponse} Response
 */

/**
 * @param {Request} request
 * @param {Response} response
 */
async function answer(request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405, 'only GET and HEAD\n')
  if (request.url === '/') return end(response, 200, await listing())
  // What lies below v2 is pulled as from a registry, so that hosts can name this server as a mirror of registries.
  if (request.url?.startsWith('/v2/')) response.setHeader('docker-distribution-api-version', 'registry/2.0')
  if (request.url?.split('?')[0] === '/v2/') return end(response, 200, '{}')
  const { path, found } = await fileOf(request.url ?? '/')
  if (path === undefined || found === undefined) return end(response, 404, 'not in this mirror; / lists what is\n')
  const { status, start, last } = range(request.headers.range, found.size)
  response.statusCode = status
  response.setHeader('accept-ranges', 'bytes')
  response.setHeader('last-modified', found.mtime.toUTCString())
  response.setHeader('content-type', path.endsWith('.sha256') ? 'text/plain' : 'application/octet-stream')
  if (request.url?.includes('/manifests/')) await describeManifest(path, response)
  if (status === 416) return end(response, 416, '')
  if (status === 206) response.setHeader('content-range', `bytes ${start}-${last}/${found.size}`)
  response.setHeader('content-length', last - start + 1)
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  // A client that goes away in the middle is no error of ours.
  await pipeline(createReadStream(path, { start, end: last }), response).catch(() => response.destroy())
}

/**
 * Says of what type the manifest of an image is, which clients go by, and which digest it has.
 *
 * @param {string} path
 * @param {Response} response
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
async function describeManifest(path, response) {
  const text = await readFile(path, 'utf8')
  /** @type {unknown} */
  const manifest = path.endsWith('.sha256') ? undefined : JSON.parse(text)
  if (typeof manifest !== 'object' || manifest === null || !('mediaType' in manifest)) return
  response.setHeader('content-type', String(manifest.mediaType))
  response.setHeader('docker-content-digest', `sha256:${createHash('sha256').update(text).digest('hex')}`)
}

/**
 * The file that a URL means, in the first directory that has one of that name.
 *
 * @param {string} url
 */
async function fileOf(url) {
  for (const root of roots) {
    const path = pathOf(root, url)
    const found = path === undefined ? undefined : await stat(path).catch(() => undefined)
    if (found?.isFile()) return { path, found }
  }
  return {}
}

/**
 * The path below a directory that a URL means; undefined for what leads out of it.
 *
 * @param {string} root
 * @param {string} url
 */
function pathOf(root, url) {
  try {
    const path = resolve(join(root, decodeURIComponent(url.split('?')[0] ?? '/')))
    return path.startsWith(root + sep) ? path : undefined
  } catch {
    return undefined
  }
}

/**
 * A single range of bytes, so that a broken download can go on (RFC 9110, 14.2). Anything else gets the whole file.
 *
 * @param {string | undefined} header
 * @param {number} size in bytes
 */
function range(header, size) {
  const whole = { status: 200, start: 0, last: size - 1 }
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === undefined || (first === '' && last === '')) return whole
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  return start > end ? { status: 416, start: 0, last: -1 } : { status: 206, start, last: end }
}

async function listing() {
  const files = await Promise.all(roots.map(filesBelow))
  return files.flat().sort().join('\n') + '\n'
}

/** @param {string} root */
async function filesBelow(root) {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
}

/**
 * @param {Response} response
 * @param {number} status
 * @param {string} text
 */
function end(response, status, text) {
  response.statusCode = status
  response.setHeader('content-type', 'text/plain')
  response.setHeader('content-length', Buffer.byteLength(text))
  response.end(text)
}
