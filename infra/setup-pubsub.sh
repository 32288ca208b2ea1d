#!/bin/sh
# Makes the house's topics and subscriptions in the project GCP_PROJECT_ID, or on the emulator at PUBSUB_EMULATOR_HOST; safe to repeat.
# Takes what `./contextpilot topology apply --help` names. Who may publish, pull and push is infra/terraform's affair.
set -eu
exec "$(dirname "$(readlink -f "$0")")/../contextpilot" topology apply --project "${GCP_PROJECT_ID:?names the project}" "$@"
