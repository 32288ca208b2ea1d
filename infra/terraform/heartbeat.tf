# The house's heartbeat: `contextpilot smoke` from within the project, which says a commit in a tenant of its own, waits for its nudge, and looks
# whether everything is as it must be. alerts.tf tells when it stops. With heartbeat_schedule = null there is none of this.

locals {
  heartbeat        = toset(var.heartbeat_schedule == null ? [] : ["heartbeat"])
  heartbeat_topics = toset([for name, topic in local.topics : name if length(local.heartbeat) > 0 && contains(topic.families, "git.commit")])
}

resource "google_cloud_run_v2_job" "heartbeat" {
  for_each = local.heartbeat

  name                = each.key
  location            = var.region
  labels              = { component = "heartbeat" }
  deletion_protection = false # it keeps nothing

  template {
    labels = { component = "heartbeat" }

    template {
      service_account       = google_service_account.heartbeat[each.key].email
      execution_environment = "EXECUTION_ENVIRONMENT_GEN2"
      timeout               = "240s"
      max_retries           = 0 # the second would hide what the first found

      containers {
        image = local.images["cli"]
        args  = ["smoke", "--project", var.project_id, "--database", google_firestore_database.this.name, "--json"]

        resources {
          limits = { cpu = "1", memory = "512Mi" }
        }
      }
    }
  }

  depends_on = [
    google_project_service.api,
    google_artifact_registry_repository.images,
  ]
}

resource "google_cloud_scheduler_job" "heartbeat" {
  for_each = local.heartbeat

  name        = each.key
  description = "Runs the job ${each.key}"
  region      = var.region
  schedule    = var.heartbeat_schedule
  time_zone   = "Etc/UTC"

  http_target {
    http_method = "POST"
    uri         = "https://run.googleapis.com/v2/projects/${var.project_id}/locations/${var.region}/jobs/${google_cloud_run_v2_job.heartbeat[each.key].name}:run"

    oauth_token {
      service_account_email = google_service_account.heartbeat_scheduler[each.key].email
    }
  }

  # The next one comes soon enough.
  retry_config {
    retry_count = 0
  }

  depends_on = [
    google_cloud_run_v2_job_iam_member.heartbeat_scheduler,
    google_pubsub_topic_iam_member.heartbeat,
    google_project_iam_member.heartbeat_reads_settings,
    google_project_iam_member.heartbeat_reads_database,
    google_pubsub_subscription.subscription,
  ]
}

resource "google_service_account" "heartbeat" {
  for_each = local.heartbeat

  account_id   = each.key
  display_name = "ContextPilot's ${each.key}"
}

# The scheduler signs in as this one.
resource "google_service_account" "heartbeat_scheduler" {
  for_each = local.heartbeat

  account_id   = "${each.key}-scheduler"
  display_name = "Runs ContextPilot's ${each.key}"
}

resource "google_cloud_run_v2_job_iam_member" "heartbeat_scheduler" {
  for_each = local.heartbeat

  name     = google_cloud_run_v2_job.heartbeat[each.key].name
  location = var.region
  role     = "roles/run.invoker"
  member   = google_service_account.heartbeat_scheduler[each.key].member
}

# Its commit.
resource "google_pubsub_topic_iam_member" "heartbeat" {
  for_each = local.heartbeat_topics

  topic  = google_pubsub_topic.topic[each.key].id
  role   = "roles/pubsub.publisher"
  member = one(values(google_service_account.heartbeat)).member
}

# Settings, and who may what. Of Google's own roles pubsub.viewer does not read policies; those that do may change them, or read every policy
# of the project.
resource "google_project_iam_custom_role" "heartbeat" {
  for_each = local.heartbeat

  role_id     = "contextpilotHeartbeat"
  title       = "ContextPilot's heartbeat"
  description = "Reads the settings and policies of topics and subscriptions"
  permissions = [
    "pubsub.subscriptions.get",
    "pubsub.subscriptions.getIamPolicy",
    "pubsub.subscriptions.list",
    "pubsub.topics.get",
    "pubsub.topics.getIamPolicy",
    "pubsub.topics.list",
  ]

  depends_on = [google_project_service.api]
}

resource "google_project_iam_member" "heartbeat_reads_settings" {
  for_each = local.heartbeat

  project = var.project_id
  role    = google_project_iam_custom_role.heartbeat[each.key].name
  member  = google_service_account.heartbeat[each.key].member
}

# The nudge.
resource "google_project_iam_member" "heartbeat_reads_database" {
  for_each = local.heartbeat

  project = var.project_id
  role    = "roles/datastore.viewer"
  member  = google_service_account.heartbeat[each.key].member

  condition {
    title      = "the house's database"
    expression = "resource.name == \"projects/${var.project_id}/databases/${google_firestore_database.this.name}\""
  }
}
