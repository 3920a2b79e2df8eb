#!/bin/sh
exec docker-registry serve "${1:-/etc/registry/config.yml}"
