# The limit: the twenty resources by hand. Only asks; fails when something is not as it should be.
set -e
[ "$(dpkg-query -W -f '${Status}\n' sudo iproute2 ca-certificates | grep -c '^install ok installed$')" = 3 ]
[ "$(stat -c '%a %U:%G' /opt/bench /opt/bench/twenty | sort -u)" = '755 root:root' ]
cd /opt/bench/twenty
[ "$(stat -c '%a %U:%G' ./*.conf | sort -u)" = '644 root:root' ]
i=0
while [ $i -lt 16 ]; do echo "# $i" | cmp -s - $i.conf; i=$((i + 1)); done
