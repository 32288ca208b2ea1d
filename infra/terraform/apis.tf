# What a new project has switched off. Never switched off again: others may use them too. Two must be on before there can be a plan at all:
# serviceusage.googleapis.com, which switches on these, and cloudresourcemanager.googleapis.com, which knows the project's number.

resource "google_project_service" "api" {
  for_each = toset(concat([
    "artifactregistry.googleapis.com",
    "cloudscheduler.googleapis.com",
    "firestore.googleapis.com",
    "iam.googleapis.com",
    "logging.googleapis.com",
    "monitoring.googleapis.com",
    "pubsub.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
    ],
    var.enable_bigquery ? ["bigquery.googleapis.com"] : [],
    length(local.for_people) > 0 ? ["compute.googleapis.com", "iap.googleapis.com"] : [],
  ))

  service            = each.key
  disable_on_destroy = false
}
