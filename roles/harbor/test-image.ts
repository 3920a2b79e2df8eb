import { sh, type Sh } from 'rolecall'

/** The image of the trial: pushed by the registry's host, pulled by the others. */
export function testImage(hostname: string, project: string): string {
  return `${hostname}/${project}/rolecall-verify:latest`
}

/** What a container of it prints. */
export const TEST_IMAGE_WORDS = 'pulled and run'

/**
 * Docker keeps what it is told at a login in its configuration directory: this one is thrown away.
 *
 * `again` tries twice when a name is not known. An engine that looks a name up for the first time asks the name servers that it had
 * when it was started, and looks into resolv.conf 5 s later only. Source: Go's net package, `resolverConfig.tryUpdate`.
 */
const private_ = sh`set -e
DOCKER_CONFIG=$(mktemp -d); export DOCKER_CONFIG
root=$(mktemp -d)
trap 'rm -rf "$DOCKER_CONFIG" "$root"' EXIT; trap 'exit 143' HUP INT TERM
again() {
said=$("$@" 2>&1) && return
case $said in *'no such host'*) sleep 6; "$@";; *) printf '%s\\n' "$said" >&2; return 1;; esac
}`

/** Logs in with the password on standard input, makes an image of the host's own shell, and pushes it. */
export function push(hostname: string, image: string): Sh {
  return sh`${private_}
password=$(cat)
log_in() { printf %s "$password" | docker login --username admin --password-stdin ${hostname}; }
again log_in
for path in /bin/sh $(ldd /bin/sh | grep -o '/[^ ]*'); do
mkdir -p "$root\${path%/*}"; cp -L "$path" "$root$path"
done
tar -C "$root" -cf - . | docker import --change ${`CMD ["/bin/sh","-c","echo ${TEST_IMAGE_WORDS}"]`} - rolecall-verify >/dev/null
docker tag rolecall-verify ${image}
docker push ${image}
docker rmi rolecall-verify ${image} >/dev/null`
}

/** Pulls without an account, as anybody may, and runs what came. */
export function pull(image: string): Sh {
  return sh`${private_}
docker rmi ${image} >/dev/null 2>&1 || :
again docker pull ${image} >/dev/null
docker run --rm ${image}
docker rmi ${image} >/dev/null`
}
