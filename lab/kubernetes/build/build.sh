# Builds Kubernetes' server binaries and the stand-ins of addons, from the distribution's source package. Run in a throwaway Debian root:
#   sh build.sh VERSION...
# The first version is what the source is; for the others the same code is linked once more with another version in it. The working
# directory has the stand-ins' sources as `stand-ins`. Leaves bin/VERSION/*, addons/* and pause.
umask 022
work=$PWD
versions=$*
tree=$work/go/src/k8s.io/kubernetes
binaries='kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl'

echo 'Reading the list of source packages'
mkdir -p lists/partial cache/archives/partial go/src/k8s.io
apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' | sort -u | sed 's/^/deb-src /' >sources.list
private="-qq -o Dir::Etc::SourceList=$work/sources.list -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists=$work/lists -o Dir::Cache=$work/cache -o APT::Sandbox::User=root"
apt-get $private update
echo 'Fetching the source of Kubernetes'
apt-get $private source --download-only kubernetes
dpkg-source --no-check -x kubernetes_*.dsc "$tree" >/dev/null 2>&1

# With Go 1.18 and later the reflect2 in the tree panics on any map in JSON.
reflect2=$tree/vendor/github.com/modern-go/reflect2
rm -f "$reflect2"/*.go "$reflect2"/*.s
cp /usr/share/gocode/src/github.com/modern-go/reflect2/*.go /usr/share/gocode/src/github.com/modern-go/reflect2/*.s "$reflect2"
rm -f "$reflect2"/*_test.go

cd "$tree"
# GOROOT by name: with -trimpath the generator would not know where the standard library is. A lazy collector saves a tenth of the time.
export GOPATH="$work/go" GO111MODULE=off CGO_ENABLED=0 GOCACHE="$work/gocache" GOFLAGS=-trimpath GOROOT="$(go env GOROOT)" GOGC=300 HOME="$work"

echo 'Generating the description of the API'
go build -o "$work/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
packages=$(cd staging/src && grep --include='*.go' -rl '+k8s:openapi-gen=' k8s.io | grep -v -e /code-generator/ -e /sample- |
  xargs -n1 dirname | sort -u | sed 's,^,k8s.io/kubernetes/vendor/,' | paste -sd, -)
"$work/openapi-gen" --logtostderr --output-base "$GOPATH/src" --output-file-base zz_generated.openapi \
  --go-header-file hack/boilerplate/boilerplate.generatego.txt --output-package k8s.io/kubernetes/pkg/generated/openapi \
  --input-dirs "$packages" --report-filename /dev/null >"$work/openapi.log" 2>&1 || { tail -n 5 "$work/openapi.log" >&2 && exit 1; }

# No cloud and no dockershim: half of the time of the compiler, and nothing that a cluster of one's own hosts uses.
tags='providerless dockerless'
commands=$(for name in $binaries; do echo "./cmd/$name"; done)
# What a binary says of itself.
flags() {
  minor=${1#v1.}
  printf '%s' '-s -w'
  for package in component-base/version client-go/pkg/version; do
    at=k8s.io/kubernetes/vendor/k8s.io/$package
    printf '%s' " -X $at.gitVersion=$1 -X $at.gitMajor=1 -X $at.gitMinor=${minor%%.*} -X $at.gitTreeState=clean -X $at.buildDate=2021-01-13T13:20:00Z"
  done
}

for version in $versions; do
  echo "Compiling and linking $version"
  mkdir -p "$work/bin/$version"
  total=$(go list -tags "$tags" -deps $commands | wc -l)
  rm -f "$work/failed"
  { GOBIN="$work/bin/$version" go install -v -tags "$tags" -ldflags "$(flags "$version")" $commands 2>&1 || touch "$work/failed"; } |
    tee "$work/go.log" |
    awk -v total="$total" '++count % 100 == 0 { printf "Compiling: package %d of about %d\n", count, total; fflush() }'
  [ ! -e "$work/failed" ] || { tail -n 12 "$work/go.log" >&2 && exit 1; }
done

echo 'Compiling the stand-ins of addons'
mkdir "$work/addons"
for stand_in in "$work"/stand-ins/*/; do
  name=$(basename "$stand_in")
  mkdir -p "cmd/stand-ins"
  cp -R "$stand_in" "cmd/stand-ins/$name"
  go build -tags "$tags" -ldflags '-s -w' -o "$work/addons/$name" "./cmd/stand-ins/$name"
done
gcc -Os -Wall -static -DVERSION=v3.2-lab -o "$work/pause" build/pause/linux/pause.c

cd "$work"
rm -rf go gocache lists cache openapi-gen kubernetes_*
