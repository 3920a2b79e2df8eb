#!/bin/sh
# Stands in for Harbor's installer: loads the images, prepares the configuration, starts the services.
set -e
cd "$(dirname "$0")"
step=0
say() {
  step=$((step + 1))
  printf '\n[Step %s]: %s ...\n' "$step" "$1"
}
die() {
  printf '%s\n' "$1" >&2
  exit 1
}
[ -f harbor.yml ] || die 'harbor.yml is not there: copy it from harbor.yml.tmpl and edit it'

say 'checking if docker is installed'
docker --version || die 'Need to install docker(17.06.0+) first and run this script again.'
say 'checking docker-compose is installed'
if docker-compose --version 2>/dev/null; then
  compose=docker-compose
elif docker compose version 2>/dev/null; then
  compose='docker compose'
else
  die 'Need to install docker-compose(1.18.0+) or a docker-compose-plugin and run this script again.'
fi

for images in harbor.*.tar.gz; do
  [ -f "$images" ] || continue
  say 'loading Harbor images'
  docker load -i "$images"
done

say 'preparing environment'
say 'preparing harbor configs'
./prepare
if [ -n "$($compose ps -q 2>/dev/null)" ]; then
  echo 'Note: stopping existing Harbor instance ...'
  $compose down -v
fi

say 'starting Harbor'
$compose up -d
printf '\n✔ ----Harbor has been installed and started successfully.----\n'
