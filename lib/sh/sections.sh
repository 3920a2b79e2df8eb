# What a script of many sections calls for some of them.
# Reads: nothing.
# Sets: nothing.

# give BYTES: so many bytes of standard input go to standard output, and not one more is read.
give() {
  if [ "$1" -ge 65536 ]; then dd bs=65536 count=$(($1/65536)) iflag=fullblock 2>/dev/null; fi
  if [ $(($1%65536)) -gt 0 ]; then dd bs=$(($1%65536)) count=1 iflag=fullblock 2>/dev/null; fi
}
# limit SECONDS STEP: runs a step for at most so long, with streams of its own: what it leaves behind may go on printing.
limit() {
  own_streams timed "$1" "$2"
}
# timed SECONDS STEP: the step goes to its shell in the environment, which only its own user may read: a command line is for all to see in ps(1).
timed() {
  # shellcheck disable=SC2016 # the other shell expands it
  if ! command -v timeout >/dev/null 2>&1; then (eval "$2")
  elif [ ${#2} -lt 65536 ]; then STEP=$2 timeout -k 5 "$1" /bin/sh -c 'step=$STEP; unset STEP; eval "$step"'
  else piped "$2" timeout -k 5 "$1" /bin/sh -c; fi
}
