# What only the log knows, as metrics: packages/agent-host writes the lines. Labels are closed lists but for the tenant.

locals {
  # Of services and of jobs.
  processes_log = "resource.type=(\"cloud_run_revision\" OR \"cloud_run_job\")"

  log_metrics = {
    published = {
      description = "Events that the bus took, by tenant"
      filter      = "jsonPayload.event=\"event_published\""
      labels      = ["event_type", "tenant_id", "topic"]
      value       = null
    }
    deliveries = {
      description = "Deliveries by how they ended, and why where they were not handled"
      filter      = "jsonPayload.outcome:*"
      labels      = ["event_type", "outcome", "reason", "subscription"]
      value       = null
    }
    delivery_time = {
      description = "How long a delivery took, by event type"
      filter      = "jsonPayload.outcome:* AND jsonPayload.duration_ms>=0"
      labels      = ["event_type", "outcome"]
      value       = "duration_ms"
    }
    refused = {
      description = "What was refused for who it came from, or whose it was"
      filter      = "jsonPayload.security=true"
      labels      = ["reason"]
      value       = null
    }
  }
}

resource "google_logging_metric" "this" {
  for_each = local.log_metrics

  name        = "contextpilot/${each.key}"
  description = each.value.description
  filter      = "${local.processes_log} AND ${each.value.filter}"

  label_extractors = { for label in each.value.labels : label => "EXTRACT(jsonPayload.${label})" }
  value_extractor  = each.value.value == null ? null : "EXTRACT(jsonPayload.${each.value.value})"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = each.value.value == null ? "INT64" : "DISTRIBUTION"
    unit        = each.value.value == null ? "1" : "ms"

    dynamic "labels" {
      for_each = each.value.labels
      content {
        key = labels.value
      }
    }
  }

  # From 1 ms, doubling, to 17 minutes: an ack deadline is 10 at most.
  dynamic "bucket_options" {
    for_each = each.value.value[*]
    content {
      exponential_buckets {
        num_finite_buckets = 20
        growth_factor      = 2
        scale              = 1
      }
    }
  }

  depends_on = [google_project_service.api]
}
