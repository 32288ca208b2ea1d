# A Cloud Run service a process.

resource "google_cloud_run_v2_service" "process" {
  for_each = local.processes

  name             = each.key
  location         = var.region
  ingress          = each.value.door == "events" ? "INGRESS_TRAFFIC_INTERNAL_ONLY" : "INGRESS_TRAFFIC_ALL"
  custom_audiences = each.value.door == "events" ? [local.audiences[each.key]] : null

  template {
    service_account = google_service_account.process[each.key].email

    containers {
      image = local.images[each.key]
    }
  }
}

# Pub/Sub alone comes in where pushes are heard.
resource "google_cloud_run_v2_service_iam_member" "pushes" {
  for_each = { for name, process in local.processes : name => process if process.door == "events" }

  name     = google_cloud_run_v2_service.process[each.key].name
  location = var.region
  role     = "roles/run.invoker"
  member   = google_service_account.push.member
}
