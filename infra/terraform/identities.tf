# Who is who. What each may do stands beside what it may do it to.

resource "google_service_account" "process" {
  for_each = local.processes

  account_id   = each.key
  display_name = "ContextPilot's ${each.key}"

  lifecycle {
    precondition {
      condition     = length(each.key) >= 6 && length(each.key) <= 30
      error_message = "${each.key} gives its name to a service account, which has 6 to 30 characters: rename the process in services/${each.value.service}/deployment.json."
    }
  }
}

# Pub/Sub signs its pushes as this one.
resource "google_service_account" "push" {
  account_id   = "pubsub-push"
  display_name = "Pushes of ContextPilot's subscriptions"
}
