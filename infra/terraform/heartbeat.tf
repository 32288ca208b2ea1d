# The house's heartbeat: `contextpilot smoke` from within the project, which says a commit in a tenant of its own, waits for its nudge, and looks
# whether everything is as it must be. jobs.tf runs it, and alerts.tf tells when it stops. With heartbeat_schedule = null there is none of this.

locals {
  heartbeat        = toset(var.heartbeat_schedule == null ? [] : ["heartbeat"])
  heartbeat_topics = toset([for name, topic in local.topics : name if length(local.heartbeat) > 0 && contains(topic.families, "git.commit")])
  heartbeat_args = concat(
    ["smoke", "--project", var.project_id, "--database", google_firestore_database.this.name, "--json"],
    # Where the house serves one tenant, nobody hears another's.
    var.tenant_id == null ? [] : ["--tenant", var.tenant_id],
    flatten([for url in values(local.webhook_urls) : ["--webhook", url]]),
  )
}

resource "google_service_account" "heartbeat" {
  for_each = local.heartbeat

  account_id   = each.key
  display_name = "ContextPilot's ${each.key}"
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
