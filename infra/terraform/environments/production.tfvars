# What people rely on. The images are in production.images.tfvars.json, which `make push ENVIRONMENT=production` writes.

environment = "production"
project_id  = "contextpilot-production" # yours; the bucket in production.gcs.tfbackend, too

# Which repositories are followed. Private ones: a token that may read them as the secret git-token, then secret_versions = { git-token = "1" }.
settings = {
  git-agent = { GIT_URL = "https://github.com/{repository}.git", GIT_REPOSITORIES = "acme/shop" }
}

retention_days = 31
