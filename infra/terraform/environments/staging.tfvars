# Where changes are tried first. The images are in staging.images.tfvars.json, which `make push` writes.

environment = "staging"
project_id  = "contextpilot-staging" # yours; the bucket in staging.gcs.tfbackend, too

# Which repositories are followed. Private ones: a token that may read them as the secret git-token, then secret_versions = { git-token = "1" }.
settings = {
  git-agent = { GIT_URL = "https://github.com/{repository}.git", GIT_REPOSITORIES = "acme/shop" }
}

# Nothing here is missed: it can be made anew.
deletion_protection = false
