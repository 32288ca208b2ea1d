# What the switches do.

mock_provider "google" {
  mock_data "google_project" {
    defaults = {
      number = "123456789012"
    }
  }
}

variables {
  project_id  = "shop-staging"
  environment = "staging"
  image_tag   = "1"
}

run "with_the_defaults" {
  command = plan

  assert {
    condition     = length(google_pubsub_topic_iam_member.forwards_dead_letters) > 0
    error_message = "Pub/Sub may forward nothing"
  }

  assert {
    condition = alltrue([
      for kept in concat(values(google_pubsub_topic.topic), values(google_pubsub_topic.dead_letter), values(google_pubsub_subscription.subscription), values(google_pubsub_subscription.bigquery)) :
      kept.message_retention_duration == "604800s"
    ])
    error_message = "a topic or a subscription keeps messages for another time than 7 days"
  }

  assert {
    condition     = toset([for subscription in google_pubsub_subscription.bigquery : subscription.name]) == toset([for name in keys(google_pubsub_topic.topic) : "bigquery-from-${name}"])
    error_message = "a topic has no subscription that writes rows"
  }

  assert {
    condition     = alltrue([for subscription in google_pubsub_subscription.bigquery : one(subscription.bigquery_config).write_metadata && one(subscription.bigquery_config).table == "shop-staging.contextpilot.messages"])
    error_message = "a subscription writes elsewhere, or without Pub/Sub's own columns"
  }

  assert {
    condition     = google_bigquery_table_iam_member.pubsub_writes["contextpilot"].role == "roles/bigquery.dataEditor"
    error_message = "Pub/Sub may not write to the table"
  }

  assert {
    condition     = strcontains(one(google_bigquery_table.events["contextpilot"].view).query, "PARTITION BY tenant_id, event_type, event_id")
    error_message = "the view has an event as often as it was delivered"
  }

  assert {
    condition     = !contains([for env in google_cloud_run_v2_service.process["git-agent"].template[0].containers[0].env : env.name], "GIT_TOKEN")
    error_message = "A service does not start with a secret that has no version: an optional one must not be given before."
  }
}

run "without_dead_letters_pubsub_tries_until_retention_ends" {
  command = plan

  variables {
    enable_dlq         = false
    heartbeat_schedule = null
  }

  # The warning that it says at every plan.
  expect_failures = [check.dead_letters]

  assert {
    condition     = alltrue([for subscription in values(google_pubsub_subscription.subscription) : length(subscription.dead_letter_policy) == 0])
    error_message = "a subscription has a dead-letter policy"
  }
  assert {
    condition     = length(google_pubsub_topic_iam_member.forwards_dead_letters) == 0 && length(google_pubsub_subscription_iam_member.takes_dead_letters) == 0
    error_message = "Pub/Sub may forward dead letters that there are none of"
  }
  assert {
    condition     = length(google_pubsub_topic.dead_letter) == length(google_pubsub_topic.topic)
    error_message = "agents have nowhere to put what they give up"
  }
}

run "messages_are_kept_for_31_days" {
  command = plan

  variables {
    retention_days = 31
  }

  assert {
    condition = alltrue([
      for kept in concat(values(google_pubsub_topic.topic), values(google_pubsub_topic.dead_letter), values(google_pubsub_subscription.subscription), values(google_pubsub_subscription.bigquery)) :
      kept.message_retention_duration == "2678400s"
    ])
    error_message = "a topic or a subscription keeps messages for another time than 31 days"
  }
}

run "without_bigquery_there_is_no_dataset" {
  command = plan

  variables {
    enable_bigquery = false
  }

  assert {
    condition     = length(google_bigquery_dataset.events) + length(google_bigquery_table.messages) + length(google_bigquery_table.events) + length(google_pubsub_subscription.bigquery) == 0
    error_message = "something of BigQuery is left"
  }
  assert {
    condition     = !contains(keys(google_project_service.api), "bigquery.googleapis.com")
    error_message = "BigQuery's API is switched on"
  }
}

run "without_a_heartbeat_nobody_runs_one" {
  command = plan

  variables {
    heartbeat_schedule = null
  }

  assert {
    condition     = length(google_cloud_run_v2_job.this) + length(google_cloud_scheduler_job.run) + length(google_monitoring_alert_policy.heartbeat) == 0
    error_message = "a heartbeat runs, or somebody waits for it"
  }
  assert {
    condition     = length(google_service_account.heartbeat) + length(google_service_account.scheduler) + length(google_pubsub_topic_iam_member.heartbeat) + length(google_project_iam_member.heartbeat_reads_settings) + length(google_project_iam_member.heartbeat_reads_database) + length(google_project_iam_custom_role.heartbeat) == 0
    error_message = "somebody is left who might run it"
  }
}

run "what_only_the_deployment_knows" {
  command = plan

  variables {
    settings        = { git-agent = { GIT_URL = "https://github.com/{repository}.git", GIT_REPOSITORIES = "acme/shop" } }
    secret_versions = { git-token = "3" }
  }

  assert {
    condition     = one([for env in google_cloud_run_v2_service.process["git-agent"].template[0].containers[0].env : env.value if env.name == "GIT_REPOSITORIES"]) == "acme/shop"
    error_message = "A setting must reach its process."
  }

  assert {
    condition     = one([for env in google_cloud_run_v2_service.process["git-agent"].template[0].containers[0].env : env.value_source[0].secret_key_ref[0].version if env.name == "GIT_TOKEN"]) == "3"
    error_message = "An optional secret must be given in the version that is said."
  }
}

run "a_house_of_one_tenant" {
  command = plan

  variables {
    tenant_id = "acme"
  }

  assert {
    condition = alltrue([
      for service in values(google_cloud_run_v2_service.process) :
      one([for env in service.template[0].containers[0].env : env.value if env.name == "TENANT_ID"]) == "acme"
    ])
    error_message = "Every part is told of the same tenant, or they do not hear each other."
  }

  assert {
    condition     = local.heartbeat_args[6] == "--tenant" && local.heartbeat_args[7] == "acme"
    error_message = "The heartbeat's commit must be of the tenant that is heard."
  }
}

run "some_alerts_wake_somebody_and_some_can_wait" {
  command = plan

  variables {
    notification_channels = { page = ["projects/shop-staging/notificationChannels/1"], chat = ["projects/shop-staging/notificationChannels/2"] }
  }

  assert {
    condition = alltrue([
      for policy in concat(values(google_monitoring_alert_policy.this), values(google_monitoring_alert_policy.instances), values(google_monitoring_alert_policy.heartbeat), [google_monitoring_alert_policy.publish_failures]) :
      policy.notification_channels == tolist(["projects/shop-staging/notificationChannels/${policy.severity == "CRITICAL" ? 1 : 2}"])
    ])
    error_message = "What is critical goes to the pager, and the rest to the chat."
  }
}

run "who_is_paged_is_told_of_everything_where_there_is_no_chat" {
  command = plan

  variables {
    notification_channels = { page = ["projects/shop-staging/notificationChannels/1"] }
  }

  assert {
    condition     = google_monitoring_alert_policy.this["oldest"].notification_channels == tolist(["projects/shop-staging/notificationChannels/1"])
    error_message = "An alert is told to nobody."
  }
}

run "the_chat_is_told_of_everything_where_nobody_is_paged" {
  command = plan

  variables {
    notification_channels = { chat = ["projects/shop-staging/notificationChannels/2"] }
  }

  assert {
    condition     = google_monitoring_alert_policy.this["undelivered"].notification_channels == tolist(["projects/shop-staging/notificationChannels/2"])
    error_message = "An alert is told to nobody."
  }
}
