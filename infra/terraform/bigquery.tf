# Every event is a row, for questions that the house does not answer itself. With enable_bigquery = false there is none of this.

resource "google_bigquery_dataset" "events" {
  for_each = local.event_datasets

  dataset_id  = each.key
  location    = var.region
  description = "What was said on ContextPilot's topics. Ask the view ${each.key}.events."
  labels      = { component = "events" }

  depends_on = [google_project_service.api]
}

# Bytes, so that no message is refused: what is no event may be on a topic too. The other columns are Pub/Sub's.
resource "google_bigquery_table" "messages" {
  for_each = local.event_datasets

  dataset_id          = google_bigquery_dataset.events[each.key].dataset_id
  table_id            = "messages"
  description         = "Messages as they were delivered, now and then twice."
  labels              = { component = "events" }
  deletion_protection = var.deletion_protection
  clustering          = ["subscription_name"]
  schema = jsonencode([
    { name = "subscription_name", type = "STRING", mode = "NULLABLE" },
    { name = "message_id", type = "STRING", mode = "NULLABLE" },
    { name = "publish_time", type = "TIMESTAMP", mode = "NULLABLE" },
    { name = "attributes", type = "JSON", mode = "NULLABLE" },
    { name = "data", type = "BYTES", mode = "NULLABLE" },
  ])

  time_partitioning {
    type  = "DAY"
    field = "publish_time"
  }
}

resource "google_bigquery_table" "events" {
  for_each = local.event_datasets

  dataset_id          = google_bigquery_dataset.events[each.key].dataset_id
  table_id            = "events"
  description         = "Each event once, by tenant, type and event_id, as it was first published. Replays are left out: they repeat."
  labels              = { component = "events" }
  deletion_protection = false

  view {
    use_legacy_sql = false
    query = templatefile("${path.module}/events-view.sql", {
      messages = "${var.project_id}.${google_bigquery_table.messages[each.key].dataset_id}.${google_bigquery_table.messages[each.key].table_id}"
    })
  }
}

resource "google_bigquery_table_iam_member" "pubsub_writes" {
  for_each = local.event_datasets

  dataset_id = google_bigquery_table.messages[each.key].dataset_id
  table_id   = google_bigquery_table.messages[each.key].table_id
  role       = "roles/bigquery.dataEditor"
  member     = local.pubsub_agent

  depends_on = [google_pubsub_topic.topic]
}

resource "google_pubsub_subscription" "bigquery" {
  for_each = local.bigquery_subscriptions

  name                       = each.key
  topic                      = google_pubsub_topic.topic[each.value].id
  labels                     = { component = "events" }
  ack_deadline_seconds       = 60
  message_retention_duration = local.retention[each.value]

  bigquery_config {
    table          = "${var.project_id}.${google_bigquery_table.messages["contextpilot"].dataset_id}.${google_bigquery_table.messages["contextpilot"].table_id}"
    write_metadata = true
  }

  expiration_policy {
    ttl = ""
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  dynamic "dead_letter_policy" {
    for_each = contains(keys(local.dead_letters), each.key) ? [local.dead_letters[each.key]] : []
    content {
      dead_letter_topic     = google_pubsub_topic.dead_letter[dead_letter_policy.value].id
      max_delivery_attempts = 100
    }
  }

  # Pub/Sub tries to write when it makes the subscription.
  depends_on = [google_bigquery_table_iam_member.pubsub_writes]
}

locals {
  event_datasets = toset(var.enable_bigquery ? ["contextpilot"] : [])

  # One for each topic that events are said on: a subscription has one topic.
  bigquery_subscriptions = var.enable_bigquery ? { for name in keys(local.source_topics) : "bigquery-from-${name}" => name } : {}
}
