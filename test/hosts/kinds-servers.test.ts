// Hosts: node-05
import { test } from 'uvu'
import { file } from '../../lib/resources/files/file.ts'
import { httpRequest } from '../../lib/resources/commands/http-request.ts'
import { pkg } from '../../lib/resources/packages/pkg.ts'
import { service } from '../../lib/resources/systemd/service.ts'
import { secret } from '../../lib/secret.ts'
import { tryCases } from '../support/cases.ts'

/** Caddy has an HTTP API for all that it does: its settings are JSON, and each path of them is one of the API. */
const CADDYFILE = `{
	admin 127.0.0.1:2019
}
http://127.0.0.1:18080 {
	basicauth {
		rc {$RC_HASH}
	}
	respond "known" 200
}
`
const API = 'http://127.0.0.1:2019/config/apps/http/servers'
const site = (text: string) => ({
  listen: ['127.0.0.1:18081'],
  routes: [{ handle: [{ body: text, handler: 'static_response' }] }],
})
const answers = (text: string) => `[ "$(curl -sS http://127.0.0.1:18081/)" = '${text}' ]`
const known = httpRequest('who may', {
  url: 'http://127.0.0.1:18080/',
  username: 'rc',
  password: secret('open sesame'),
  body: /^known$/,
  send: { json: null },
})

tryCases('node-05', [
  {
    name: 'a server of an API is to come: what it will say is unknown, and then as wanted',
    setup: `apt-get update -qq; command -v curl || apt-get install -y -qq curl; rm -rf /etc/caddy`,
    ensures: () => [
      [
        pkg('caddy'),
        file('/etc/caddy/Caddyfile', { content: CADDYFILE.replace('\tbasicauth {\n\t\trc {$RC_HASH}\n\t}\n', '') }),
        service('caddy', { running: true, restartedAfter: ['/etc/caddy/Caddyfile'] }),
        httpRequest('site', { url: `${API}/rc`, json: site('one'), send: { method: 'PUT' } }),
      ],
    ],
    right: [/^changed pkg:/, /^changed file:/, /^changed service:/, /^unknown httpRequest:site: .* answers only after/],
    apply: [/^changed pkg:/, /^changed file:/, /^changed service:/, /^changed httpRequest:site: /],
    then: answers('one'),
  },
  {
    name: 'settings that an API has otherwise are sent, by a method of their own',
    ensures: () => [[httpRequest('site', { url: `${API}/rc`, json: site('two'), send: { method: 'PATCH' } })]],
    right: [`changed httpRequest:site: PATCH ${API}/rc (it is not as wanted)`],
    then: answers('two'),
  },
  {
    name: 'a part of what an API has is enough',
    ensures: () => [[httpRequest('listens', { url: `${API}/rc`, json: { listen: ['127.0.0.1:18081'] } })]],
    right: ['ok httpRequest:listens'],
  },
  {
    name: 'settings that an API does not take fail with its words',
    ensures: () => [
      [httpRequest('broken', { url: `${API}/rc`, json: { listen: 'everywhere' }, send: { method: 'PATCH' } })],
    ],
    right: [/^changed/],
    apply: [/^refused: could not PATCH /],
    again: [/^refused: could not PATCH /],
    then: answers('two'),
  },
  {
    name: 'what an API has is taken out of it: of what is not there it says null',
    ensures: () => [[httpRequest('no site', { url: `${API}/rc`, body: /^null\s*$/, send: { method: 'DELETE' } })]],
    right: [`changed httpRequest:no site: DELETE ${API}/rc (it is not as wanted)`],
    then: `! ${answers('two')}`,
  },
  {
    name: 'a password goes along, and the wrong one does not open',
    setup: `cat >/etc/caddy/Caddyfile <<END
${CADDYFILE.replace('{$RC_HASH}', '$(caddy hash-password --plaintext "open sesame")')}
END
systemctl restart caddy; for i in $(seq 50); do curl -s http://127.0.0.1:18080/ && break; sleep 0.1; done`,
    ensures: () => [[known]],
    right: ['ok httpRequest:who may'],
  },
  {
    name: 'a server that does not run is refused',
    setup: 'systemctl stop caddy',
    ensures: () => [[known]],
    right: ['refused: http://127.0.0.1:18080/ does not answer'],
    undo: 'apt-get -y purge caddy; rm -rf /etc/caddy /var/lib/caddy',
  },
])

test.run()
