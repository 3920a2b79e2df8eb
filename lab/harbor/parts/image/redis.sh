#!/bin/sh
exec redis-server --dir /var/lib/redis --bind 0.0.0.0 --protected-mode no --save 60 1 --logfile ''
