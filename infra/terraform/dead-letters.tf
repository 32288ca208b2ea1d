# Where what cannot be handled is kept for people. Agents put it there themselves, with the reason, whatever enable_dlq says; Pub/Sub does so
# with what nobody took in 100 attempts. Each of these topics has a subscription, or its messages would be lost: the topology's tests see to it.

resource "google_pubsub_topic" "dead_letter" {
  for_each = local.dead_letter_topics

  name                       = each.key
  message_retention_duration = local.retention[each.key]
  labels                     = { component = "dead-letters" }

  depends_on = [google_project_service.api]
}

# Without both of these Pub/Sub forwards nothing, and does not even count attempts.
resource "google_pubsub_topic_iam_member" "forwards_dead_letters" {
  for_each = toset(values(local.dead_letters))

  topic  = google_pubsub_topic.dead_letter[each.key].id
  role   = "roles/pubsub.publisher"
  member = local.pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "takes_dead_letters" {
  for_each = local.dead_letters

  subscription = merge(google_pubsub_subscription.subscription, google_pubsub_subscription.bigquery)[each.key].id
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent
}

check "dead_letters" {
  assert {
    condition     = var.enable_dlq
    error_message = "enable_dlq is false: a push that fails is tried again until its retention ends, and is lost then."
  }
}

locals {
  # The dead-letter topic of each subscription that has one.
  dead_letters = var.enable_dlq ? merge(
    { for name, subscription in local.subscriptions : name => subscription.deadLetter.topic if can(subscription.deadLetter) },
    { for name, topic in local.bigquery_subscriptions : name => local.topics[topic].deadLetterTopic },
  ) : {}
}
