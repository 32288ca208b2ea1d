# Where changes are tried first. The images are in staging.images.tfvars.json, which `make push` writes.

environment = "staging"
project_id  = "contextpilot-staging" # yours; the bucket in staging.gcs.tfbackend, too

# Nothing here is missed: it can be made anew.
deletion_protection = false
