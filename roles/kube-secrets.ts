import { exec, role, service, sh } from 'rolecall'
import certAuthority from './cert-authority.ts'
import etcd from './etcd.ts'
import kubeControlPlane from './kube-control-plane.ts'
import { PKI } from './kubernetes/cluster.ts'
import { CONF } from './kubernetes/control-plane/control-plane-options.ts'
import { ENCRYPTION, hasOwnConfig, secretsEncryption } from './kubernetes/control-plane/encryption.ts'

const WRITTEN = `${CONF}/secrets-written`

/**
 * Encrypts Secrets with a key that all API servers have learned by kube-control-plane, one API server after the other: `serial: 1`. The last one then writes all
 * Secrets anew. Nothing is left to do where they are written with the wanted key already.
 *
 * A key that was in use stays: what is older in snapshots of etcd is read by it.
 *
 * Source: kubernetes.io, "Encrypting Confidential Data at Rest".
 */
export default role({
  name: 'kube-secrets',
  about: 'Secrets are encrypted in etcd, with the wanted key',
  tags: ['kube-control-plane'],

  async apply({ ensure, host, read, site }) {
    const vars = site.host(host.name).vars(kubeControlPlane)
    const controllers = site.hosts('control_plane')
    const [authority] = site.hosts('ca')
    if (authority === undefined) throw new Error('no host is in the group ca')
    const others = controllers.filter(({ name }) => name !== host.name)
    const config = await secretsEncryption({ read }, others, authority, authority.vars(certAuthority).directory, vars)
    if (config.length === 0) return
    const kubectl = sh`kubectl --kubeconfig ${`${CONF}/admin.kubeconfig`} --server ${`https://${host.address}:${vars.apiPort}`} --request-timeout=60s`
    const key = vars.encryptSecrets ? vars.secretsKey : 'none'
    const isLast = controllers.at(-1)?.name === host.name
    await ensure(
      config,
      service('kube-apiserver', { running: true, restartedAfter: config }),
      // One that changes or goes meanwhile is refused, and all are written once more.
      isLast
        ? exec(`all Secrets are written with ${vars.encryptSecrets ? key : 'no key'}`, {
            run: sh`n=0; until ${kubectl} get secrets -A -o json | ${kubectl} replace -f - >/dev/null; do n=$((n + 1)); [ $n -lt 5 ] || exit 1; sleep 2; done; printf '%s\n' ${key} >${WRITTEN}`,
            creates: WRITTEN,
            unless: sh`grep -qx ${key} ${WRITTEN}`,
            effects: [],
          })
        : [],
    )
  },

  async verify({ $, expect, host, site }) {
    const vars = site.host(host.name).vars(kubeControlPlane)
    if (!vars.encryptSecrets || hasOwnConfig(vars.options)) return
    const mode = await $.read`stat -L -c ${'%a %U'} ${ENCRYPTION}`.nothrow()
    expect(mode.stdout.trim(), `mode and owner of ${ENCRYPTION}`).toBe('600 root')
    const [member] = site.hosts('etcd')
    if (member === undefined) return
    // As etcd has them: the beginning alone of the first few.
    const url = `https://${member.address}:${member.vars(etcd).clientPort}/v3/kv/range`
    const client = `${PKI}/apiserver-etcd-client`
    const pki = `--cacert ${PKI}/etcd-ca.pem --cert ${client}.pem --key ${client}-key.pem`
    const told =
      await $.read`sh -c ${`curl -sf --max-time 10 ${pki} -d '${FIRST_SECRETS}' ${url} | grep -o '"value":"[^"]\\{28\\}' | sort -u`}`.nothrow()
    for (const start of told.stdout.split('\n').filter((line) => line !== ''))
      expect(start, 'how Secrets begin in etcd').toBe(`"value":"${base64('k8s:enc:secretbox:v1:')}`)
  },
})

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** Source: etcd, "gRPC gateway". */
const FIRST_SECRETS = JSON.stringify({
  key: base64('/registry/secrets/'),
  range_end: base64('/registry/secrets0'),
  limit: 20,
})
