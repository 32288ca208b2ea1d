# What people rely on. The images are in production.images.tfvars.json, which `make push ENVIRONMENT=production` writes.

environment = "production"
project_id  = "contextpilot-production" # yours; the bucket in production.gcs.tfbackend, too

retention_days = 31
