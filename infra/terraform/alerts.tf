# When somebody must look. Each names the page that says what to do. CRITICAL is what must not wait: nothing gets through, or nobody would know.
# notification_channels says whom that pages, and who reads of the rest in the morning.

locals {
  channels = {
    CRITICAL = length(var.notification_channels.page) > 0 ? var.notification_channels.page : var.notification_channels.chat
    ERROR    = length(var.notification_channels.chat) > 0 ? var.notification_channels.chat : var.notification_channels.page
    WARNING  = length(var.notification_channels.chat) > 0 ? var.notification_channels.chat : var.notification_channels.page
  }

  # A condition holds where a series, aligned over its window in seconds, is over the threshold for so many minutes; with of, its share of these.
  alerts = {
    undelivered = {
      name     = "Messages wait"
      severity = "CRITICAL"
      todo     = "Over 1,000 messages of a subscription have waited for 5 minutes: who hears it is down, or too slow (docs/operations.md, Messages wait)."
      conditions = {
        "over 1,000 undelivered" = {
          filter = "resource.type = \"pubsub_subscription\" AND metric.type = \"pubsub.googleapis.com/subscription/num_undelivered_messages\""
          by     = "resource.label.subscription_id", align = "ALIGN_MEAN", reduce = "REDUCE_SUM"
          over   = 1000, minutes = 5, window = 60
        }
      }
    }
    oldest = {
      name     = "A message waits long"
      severity = "WARNING"
      todo     = "A message has waited for over an hour: one that always fails, or the key it holds up (docs/operations.md, Messages wait)."
      conditions = {
        "oldest over an hour" = {
          filter = "resource.type = \"pubsub_subscription\" AND metric.type = \"pubsub.googleapis.com/subscription/oldest_unacked_message_age\""
          by     = "resource.label.subscription_id", align = "ALIGN_MAX", reduce = "REDUCE_MAX"
          over   = 3600, minutes = 10, window = 60
        }
      }
    }
    push_errors = {
      name     = "Pushes fail"
      severity = "ERROR"
      todo     = "Over a tenth of a subscription's pushes fail: the agent's log says why (docs/operations.md, Pushes fail)."
      conditions = {
        "over 10 % of pushes" = {
          filter = "resource.type = \"pubsub_subscription\" AND metric.type = \"pubsub.googleapis.com/subscription/push_request_count\" AND metric.label.response_class != \"ack\""
          of     = "resource.type = \"pubsub_subscription\" AND metric.type = \"pubsub.googleapis.com/subscription/push_request_count\""
          by     = "resource.label.subscription_id", align = "ALIGN_RATE", reduce = "REDUCE_SUM"
          over   = 0.1, minutes = 5, window = 300
        }
      }
    }
    dead_letters = {
      name     = "Dead letters grow"
      severity = "ERROR"
      todo     = "An event was given up: look at it, mend, redrive (docs/operations.md, Dead letters grow)."
      conditions = {
        "put aside by an agent" = {
          filter = "resource.type = \"pubsub_topic\" AND metric.type = \"pubsub.googleapis.com/topic/send_request_count\" AND resource.label.topic_id = ends_with(\"-dlq\")"
          by     = "resource.label.topic_id", align = "ALIGN_DELTA", reduce = "REDUCE_SUM"
          over   = 0, minutes = 0, window = 300
        }
        "given up by Pub/Sub" = {
          filter = "resource.type = \"pubsub_subscription\" AND metric.type = \"pubsub.googleapis.com/subscription/dead_letter_message_count\""
          by     = "resource.label.subscription_id", align = "ALIGN_DELTA", reduce = "REDUCE_SUM"
          over   = 0, minutes = 0, window = 300
        }
      }
    }
    jobs = {
      name     = "A job fails"
      severity = "ERROR"
      todo     = "A run of a job failed: its log says why, and what it left waits for the next (docs/operations.md, A job fails)."
      conditions = {
        "a run failed" = {
          # The heartbeat has an alert of its own.
          filter = "${local.executions} AND metric.label.result = \"failed\" AND resource.label.job_name != \"heartbeat\""
          by     = "resource.label.job_name", align = "ALIGN_DELTA", reduce = "REDUCE_SUM"
          over   = 0, minutes = 0, window = 300
        }
      }
    }
    latency = {
      name     = "Requests are slow"
      severity = "WARNING"
      todo     = "One request in twenty takes over 10 s: a dependency is slow, or instances begin all the time (docs/operations.md, Requests are slow)."
      conditions = {
        "95th percentile over 10 s" = {
          filter = "resource.type = \"cloud_run_revision\" AND metric.type = \"run.googleapis.com/request_latencies\""
          by     = "resource.label.service_name", align = "ALIGN_PERCENTILE_95", reduce = "REDUCE_MAX"
          over   = 10000, minutes = 10, window = 300
        }
      }
    }
  }
}

resource "google_monitoring_alert_policy" "this" {
  for_each = local.alerts

  display_name          = "ContextPilot: ${each.value.name}"
  severity              = each.value.severity
  combiner              = "OR"
  notification_channels = local.channels[each.value.severity]

  dynamic "conditions" {
    for_each = each.value.conditions
    content {
      display_name = conditions.key

      condition_threshold {
        filter          = conditions.value.filter
        comparison      = "COMPARISON_GT"
        threshold_value = conditions.value.over
        duration        = "${conditions.value.minutes * 60}s"

        aggregations {
          alignment_period     = "${conditions.value.window}s"
          per_series_aligner   = conditions.value.align
          cross_series_reducer = conditions.value.reduce
          group_by_fields      = [conditions.value.by]
        }

        denominator_filter = try(conditions.value.of, null)
        dynamic "denominator_aggregations" {
          for_each = can(conditions.value.of) ? [true] : []
          content {
            alignment_period     = "${conditions.value.window}s"
            per_series_aligner   = conditions.value.align
            cross_series_reducer = conditions.value.reduce
            group_by_fields      = [conditions.value.by]
          }
        }
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = each.value.todo
  }

  depends_on = [google_project_service.api]
}

# A process that could not say what it had to: the delivery comes again, the webhook's caller must. Pub/Sub's own metric does not know of it.
resource "google_monitoring_alert_policy" "publish_failures" {
  display_name          = "ContextPilot: Publishing fails"
  severity              = "ERROR"
  combiner              = "OR"
  notification_channels = local.channels["ERROR"]

  conditions {
    display_name = "not published"

    condition_matched_log {
      filter = "${local.processes_log} AND jsonPayload.event=\"publish_failed\""
    }
  }

  alert_strategy {
    auto_close = "1800s"

    notification_rate_limit {
      period = "900s"
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "Pub/Sub did not take an event: a grant, a quota, or Pub/Sub itself (docs/operations.md, Publishing fails)."
  }

  depends_on = [google_project_service.api]
}

# A policy each, for each has a limit of its own. One instance at most is meant to be at its limit.
resource "google_monitoring_alert_policy" "instances" {
  for_each = { for name, process in local.listening : name => process if process.max_instances > 1 }

  display_name          = "ContextPilot: ${each.key} is at its limit of instances"
  severity              = "WARNING"
  combiner              = "OR"
  notification_channels = local.channels["WARNING"]

  conditions {
    display_name = "${each.value.max_instances} instances"

    condition_threshold {
      filter          = "resource.type = \"cloud_run_revision\" AND metric.type = \"run.googleapis.com/container/instance_count\" AND resource.label.service_name = \"${each.key}\""
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.max_instances - 1
      duration        = "300s"

      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_MAX"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["resource.label.service_name"]
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "What comes next waits in Pub/Sub: raise maxInstances in services/${each.value.service}/deployment.json, or find out why it is slow (docs/operations.md, Instances at their limit)."
  }

  depends_on = [google_project_service.api]
}

# The first says what is wrong. The second also finds that nobody runs the job; of a series that has stopped, missing data is no success.
resource "google_monitoring_alert_policy" "heartbeat" {
  for_each = local.heartbeat

  display_name          = "ContextPilot: The heartbeat stops"
  severity              = "CRITICAL"
  combiner              = "OR"
  notification_channels = local.channels["CRITICAL"]

  conditions {
    display_name = "it failed"

    condition_threshold {
      filter          = "${local.executions} AND metric.label.result = \"failed\" AND resource.label.job_name = \"${each.key}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["resource.label.job_name"]
      }
    }
  }

  conditions {
    display_name = "none succeeded for an hour"

    condition_threshold {
      filter                  = "${local.executions} AND metric.label.result = \"succeeded\" AND resource.label.job_name = \"${each.key}\""
      comparison              = "COMPARISON_LT"
      threshold_value         = 1
      duration                = "60s"
      evaluation_missing_data = "EVALUATION_MISSING_DATA_ACTIVE"

      aggregations {
        alignment_period     = "3600s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["resource.label.job_name"]
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "A push of the house's own got no nudge in time, or something is not set as it must be: the job's log says which (docs/operations.md, The heartbeat stops)."
  }

  depends_on = [google_project_service.api]
}

locals {
  executions = "resource.type = \"cloud_run_job\" AND metric.type = \"run.googleapis.com/job/completed_execution_count\""
}
