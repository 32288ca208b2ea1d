#!/bin/sh
# Asks whether a plan that was just shown is to be made, by the name of what it changes. Without a terminal CONFIRM must name it.
set -eu
environment=${1:?names what is changed: staging or production}
if [ "${CONFIRM-}" = "$environment" ]; then exit 0; fi
if [ -n "${CONFIRM-}" ]; then
  echo "CONFIRM=$CONFIRM is not $environment: nothing was changed" >&2
  exit 1
fi
if ! [ -t 0 ]; then
  echo "nobody can be asked about $environment here: look at the plan, then say CONFIRM=$environment; nothing was changed" >&2
  exit 1
fi
printf 'This changes %s as planned above. Type its name to go on: ' "$environment"
read -r answer || answer=
if [ "$answer" = "$environment" ]; then exit 0; fi
echo "nothing was changed" >&2
exit 1
