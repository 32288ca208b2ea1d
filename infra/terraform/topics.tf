# What is said, and by whom.

resource "google_pubsub_topic" "topic" {
  for_each = local.source_topics

  name                       = each.key
  message_retention_duration = local.retention[each.key]
  labels                     = { component = "events" }

  depends_on = [google_project_service.api]
}

# Exactly what the topology lets each service say. What it says may come from any of its processes, what it cannot handle from those that take
# its messages.
resource "google_pubsub_topic_iam_member" "publisher" {
  for_each = local.publishers

  topic  = local.topic_ids[each.value.topic]
  role   = "roles/pubsub.publisher"
  member = google_service_account.process[each.value.process].member
}

locals {
  publishers = merge([
    for name, process in local.processes : {
      for topic in lookup(local.speakers, process.service, []) : "${name}/${topic}" => { process = name, topic = topic }
      if contains(keys(local.source_topics), topic) || contains(local.hearers, name)
    }
  ]...)

  topic_ids = { for name, topic in merge(google_pubsub_topic.topic, google_pubsub_topic.dead_letter) : name => topic.id }
}
