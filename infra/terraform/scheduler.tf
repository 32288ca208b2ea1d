# The house's clock: a tick a minute. The scheduler's message is always the same; the tick's minute and id follow from when Pub/Sub took it
# (docs/decisions/0036-the-schedulers-message-has-no-body.md). Google's own identity for the scheduler publishes it.

resource "google_cloud_scheduler_job" "clock" {
  for_each = toset([for name, topic in local.topics : name if contains(topic.families, "clock.tick")])

  name        = each.key
  description = "Says clock.tick.v1 every minute"
  region      = var.region
  schedule    = "* * * * *"
  time_zone   = "Etc/UTC"

  pubsub_target {
    topic_name = google_pubsub_topic.topic[each.key].id
    attributes = { event_type = "clock.tick.v1", source = "clock" }
  }

  # The next minute wakes whoever this one did not.
  retry_config {
    retry_count = 0
  }

  depends_on = [google_project_service.api, google_pubsub_subscription.subscription]
}
