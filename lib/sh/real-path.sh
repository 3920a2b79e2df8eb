# real_path PATH: prints the absolute path where PATH leads, through all links. Its last part may be missing. Fails where it leads nowhere.
# Reads: nothing.
# Sets: real_hops real_to real_dir, and the arguments.
#
# `readlink -f` of coreutils follows a link to a place below itself (`l -> /srv/l/x`) for ever, and takes all memory meanwhile: whoever may create a link
# would hold root's process. The kernel gives up after 40 links (path_resolution(7)). So `readlink -f` gets only what the kernel has followed to its end.
real_path() {
  set -- "$1" "$1"
  real_hops=0
  while [ -L "$1" ] && [ ! -e "$1" ]; do
    real_hops=$((real_hops + 1))
    [ "$real_hops" -le 40 ] || return 1
    real_to=$(readlink -- "$1" && echo .) || return 1
    real_to=${real_to%??}
    case $real_to in /*) ;; *) real_to=${1%/*}/$real_to ;; esac
    real_dir=$(cd -P -- "${real_to%/*}/" 2>/dev/null && pwd -P) || return 1
    set -- "${real_dir%/}/${real_to##*/}" "$2"
  done
  real_dir=$(cd -P -- "${1%/*}/" 2>/dev/null && pwd -P) || return 1
  readlink -f -- "${real_dir%/}/${1##*/}"
}
