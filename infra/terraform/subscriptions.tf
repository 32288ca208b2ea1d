# Who hears what. A service that has a process with the door "events" is pushed to; any other pulls.

resource "google_pubsub_subscription" "subscription" {
  for_each = local.subscriptions

  name   = each.key
  topic  = local.topic_ids[each.value.topic]
  labels = { component = each.value.service }

  filter                     = try(each.value.filter, null)
  enable_message_ordering    = each.value.ordered
  ack_deadline_seconds       = each.value.ackDeadlineSeconds
  message_retention_duration = "${coalesce(var.retention_days, each.value.retentionDays) * 86400}s"

  # Never: by default Pub/Sub deletes a subscription that nobody used for 31 days, with its messages.
  expiration_policy {
    ttl = ""
  }

  retry_policy {
    minimum_backoff = "${each.value.retry.minimumSeconds}s"
    maximum_backoff = "${each.value.retry.maximumSeconds}s"
  }

  dynamic "dead_letter_policy" {
    for_each = contains(keys(local.dead_letters), each.key) ? [each.value.deadLetter] : []
    content {
      dead_letter_topic     = google_pubsub_topic.dead_letter[dead_letter_policy.value.topic].id
      max_delivery_attempts = dead_letter_policy.value.maxDeliveryAttempts
    }
  }

  dynamic "push_config" {
    for_each = contains(keys(local.receivers), each.value.service) ? [local.receivers[each.value.service]] : []
    content {
      push_endpoint = "${google_cloud_run_v2_service.process[push_config.value].uri}/events"
      oidc_token {
        service_account_email = google_service_account.push.email
        audience              = local.audiences[push_config.value]
      }
    }
  }

  lifecycle {
    precondition {
      condition     = try(local.filter_bytes[each.key], 0) <= 256
      error_message = "The filter of ${each.key} has ${try(local.filter_bytes[each.key], 0)} bytes, and Pub/Sub takes 256: let it hear fewer event families, or split it into two subscriptions."
    }
  }

  depends_on = [google_service_account_iam_member.pubsub_signs_pushes, google_cloud_run_v2_service_iam_member.pushes]
}

# Pub/Sub makes the tokens of its pushes. In a new project its own identity is there with the first topic.
resource "google_service_account_iam_member" "pubsub_signs_pushes" {
  service_account_id = google_service_account.push.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = local.pubsub_agent

  depends_on = [google_pubsub_topic.topic]
}

resource "google_pubsub_subscription_iam_member" "puller" {
  for_each = local.pullers

  subscription = google_pubsub_subscription.subscription[each.value.subscription].id
  role         = "roles/pubsub.subscriber"
  member       = google_service_account.process[each.value.process].member
}

# The client asks for a subscription's settings before it pulls.
resource "google_pubsub_subscription_iam_member" "puller_reads_settings" {
  for_each = local.pullers

  subscription = google_pubsub_subscription.subscription[each.value.subscription].id
  role         = "roles/pubsub.viewer"
  member       = google_service_account.process[each.value.process].member
}

locals {
  subscriptions = { for subscription in local.topology.subscriptions : subscription.name => subscription }

  # In UTF-8: base64 makes four characters of each three bytes.
  filter_bytes = {
    for name, subscription in local.subscriptions : name =>
    length(base64encode(subscription.filter)) / 4 * 3 - length(regexall("=", base64encode(subscription.filter)))
    if can(subscription.filter)
  }

  # A job takes from its service's subscriptions.
  pullers = merge([
    for name, process in local.processes : {
      for subscription in values(local.subscriptions) :
      "${name}/${subscription.name}" => { process = name, subscription = subscription.name }
      if subscription.service == process.service && process.door == "job"
    }
  ]...)
}
