import { sh } from 'rolecall'

/**
 * Runs a container without a registry: its image is the host's own shell with the libraries it needs. Prints the container's address
 * on the bridge, and leaves nothing behind.
 */
export const smokeTest = sh`set -e
name=rolecall-verify-$$
root=$(mktemp -d)
trap 'docker rm -f "$name" >/dev/null 2>&1; docker rmi "$name" >/dev/null 2>&1; rm -rf "$root"' EXIT
trap 'exit 143' HUP INT TERM
for path in /bin/sh $(ldd /bin/sh | grep -o '/[^ ]*'); do
mkdir -p "$root\${path%/*}"; cp -L "$path" "$root$path"
done
tar -C "$root" -cf - . | docker import - "$name" >/dev/null
docker run --name "$name" "$name" /bin/sh -c 'while read -r address host; do [ "$host" != "$HOSTNAME" ] || echo "$address"; done </etc/hosts'`
