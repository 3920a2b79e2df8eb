#!/bin/sh
exec python3 -E "/harbor/$1.py"
