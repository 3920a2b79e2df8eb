// Hosts: node-02
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import { acmeCertificate, type AcmeCertificateOptions } from '../../lib/resources/tls/acme-certificate.ts'
import { tryCases } from '../support/cases.ts'

// No ACME server is in Debian or among npm's packages: certbot, which is the real one, meets a stand-in for the authority.
const STAND_IN = readFileSync(join(import.meta.dirname, '../support/acme-stand-in.py'), 'utf8')
const SETUP = `command -v certbot || { apt-get update -qq; apt-get install -y -qq --no-install-recommends certbot; }
mkdir -p /srv/rc-acme; cd /srv/rc-acme || exit
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=stand-in -days 900
echo 90 >days
cat >stand-in.py <<'END_OF_STAND_IN'
${STAND_IN}END_OF_STAND_IN
systemctl stop rc-acme; systemd-run --unit rc-acme /usr/bin/python3 /srv/rc-acme/stand-in.py /srv/rc-acme 4000
n=0; until curl -s http://127.0.0.1:4000/ || [ $((n += 1)) = 50 ]; do sleep 0.2; done`
const server = 'http://127.0.0.1:4000/directory'
const certificate = (more: AcmeCertificateOptions = {}) =>
  acmeCertificate('rc.example', { domains: ['rc.example', 'www.rc.example'], server, standalone: true, ...more })
const live = '/etc/letsencrypt/live/rc.example'
const names = `openssl x509 -in ${live}/cert.pem -noout -ext subjectAltName`

tryCases('node-02', [
  {
    name: 'a certificate is fetched by certbot, and its hook runs',
    setup: SETUP,
    ensures: () => [[certificate({ deployHook: 'touch /srv/rc-acme/deployed' })]],
    right: ['changed acmeCertificate:rc.example: fetch a certificate for rc.example, www.rc.example'],
    then: `[ -e /srv/rc-acme/deployed ] && ${names} | grep -q 'DNS:rc.example, DNS:www.rc.example' && [ -s ${live}/privkey.pem ]`,
  },
  {
    name: 'a certificate for other names is fetched anew, once',
    ensures: () => [[certificate({ domains: ['rc.example', 'API.rc.example'] })]],
    right: [
      'changed acmeCertificate:rc.example: fetch the certificate rc.example again for rc.example, API.rc.example (was rc.example, www.rc.example)',
    ],
    then: `${names} | grep -qi 'api.rc.example'`,
  },
  {
    name: 'a certificate that ends within its days is renewed',
    setup: 'echo 200 >/srv/rc-acme/days',
    ensures: () => [[certificate({ domains: ['rc.example', 'api.rc.example'], renewBefore: 100 })]],
    right: [/^changed acmeCertificate:rc\.example: renew the certificate rc\.example, which ends /],
    then: `openssl x509 -in ${live}/cert.pem -noout -checkend $((150 * 86400))`,
  },
  {
    name: 'a certificate whose file somebody has removed comes back',
    setup: `rm -f ${live}/cert.pem`,
    ensures: () => [[certificate({ domains: ['rc.example', 'api.rc.example'] })]],
    right: [
      'changed acmeCertificate:rc.example: fetch the certificate rc.example, whose file is gone, again for rc.example, api.rc.example',
    ],
    then: `[ -s ${live}/cert.pem ] && [ ! -e ${live}-0001 ]`,
  },
  {
    name: 'a certificate that is to be gone',
    ensures: () => [[acmeCertificate('rc.example', { state: 'absent' })]],
    right: ['changed acmeCertificate:rc.example: remove the certificate rc.example'],
    then: `[ ! -e ${live} ]`,
  },
  {
    name: 'a certificate by a webroot that nobody shows fails in the words of certbot',
    setup: 'mkdir -p /srv/rc-acme/web',
    ensures: () => [[acmeCertificate('rc.example', { server, webroot: '/srv/rc-acme/web' })]],
    right: ['changed acmeCertificate:rc.example: fetch a certificate for rc.example'],
    apply: [/^refused: /],
    undo: 'systemctl stop rc-acme; rm -rf /srv/rc-acme /etc/letsencrypt; dpkg --purge certbot',
  },
])

test.run()
