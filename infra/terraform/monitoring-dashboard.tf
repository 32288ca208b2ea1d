# What to look at: the five charts of the origin's page on Pub/Sub, then the house's own.

locals {
  published_metric = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.this["published"].name}\" resource.type=\"cloud_run_revision\""
  outcome_metric   = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.this["deliveries"].name}\" resource.type=\"cloud_run_revision\""
  time_metric      = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.this["delivery_time"].name}\" resource.type=\"cloud_run_revision\""

  topic_metric        = "resource.type=\"pubsub_topic\" metric.type=\"pubsub.googleapis.com/topic"
  subscription_metric = "resource.type=\"pubsub_subscription\" metric.type=\"pubsub.googleapis.com/subscription"
  run_metric          = "resource.type=\"cloud_run_revision\" metric.type=\"run.googleapis.com"

  # Each a chart of one or more series: a filter, how it is aligned and added up, and by what; with of, its share of these.
  charts = [
    { title = "Messages published, by topic", series = [
      { filter = "${local.topic_metric}/send_request_count\"", align = "ALIGN_RATE", reduce = "REDUCE_SUM", by = "resource.label.topic_id" },
    ] },
    { title = "Messages delivered, by subscription: pushed and pulled", series = [
      { filter = "${local.subscription_metric}/push_request_count\"", align = "ALIGN_RATE", reduce = "REDUCE_SUM", by = "resource.label.subscription_id" },
      { filter = "${local.subscription_metric}/pull_request_count\"", align = "ALIGN_RATE", reduce = "REDUCE_SUM", by = "resource.label.subscription_id" },
    ] },
    { title = "Unacked messages", series = [
      { filter = "${local.subscription_metric}/num_undelivered_messages\"", align = "ALIGN_MEAN", reduce = "REDUCE_SUM", by = "resource.label.subscription_id" },
    ] },
    { title = "Age of the oldest unacked message, s", series = [
      { filter = "${local.subscription_metric}/oldest_unacked_message_age\"", align = "ALIGN_MAX", reduce = "REDUCE_MAX", by = "resource.label.subscription_id" },
    ] },
    { title = "Share of pushes that succeed", series = [
      {
        filter = "${local.subscription_metric}/push_request_count\" metric.label.response_class=\"ack\""
        of     = "${local.subscription_metric}/push_request_count\""
        align  = "ALIGN_RATE", reduce = "REDUCE_SUM", by = "resource.label.subscription_id"
      },
    ] },
    { title = "Events published, by tenant", series = [
      { filter = local.published_metric, align = "ALIGN_RATE", reduce = "REDUCE_SUM", by = "metric.label.tenant_id" },
    ] },
    { title = "Time of a delivery by event type, 95th percentile, ms", series = [
      { filter = local.time_metric, align = "ALIGN_PERCENTILE_95", reduce = "REDUCE_MAX", by = "metric.label.event_type" },
    ] },
    { title = "Deliveries, by outcome", series = [
      { filter = local.outcome_metric, align = "ALIGN_RATE", reduce = "REDUCE_SUM", by = "metric.label.outcome" },
    ] },
    { title = "Dead letters, by topic", series = [
      { filter = "${local.topic_metric}/send_request_count\" resource.label.topic_id=ends_with(\"-dlq\")", align = "ALIGN_DELTA", reduce = "REDUCE_SUM", by = "resource.label.topic_id" },
    ] },
    { title = "Instances, by service", series = [
      { filter = "${local.run_metric}/container/instance_count\"", align = "ALIGN_MAX", reduce = "REDUCE_SUM", by = "resource.label.service_name" },
    ] },
    { title = "Time of a request by service, 95th percentile, ms", series = [
      { filter = "${local.run_metric}/request_latencies\"", align = "ALIGN_PERCENTILE_95", reduce = "REDUCE_MAX", by = "resource.label.service_name" },
    ] },
    { title = "Time to start an instance by service, 95th percentile, ms", series = [
      { filter = "${local.run_metric}/container/startup_latencies\"", align = "ALIGN_PERCENTILE_95", reduce = "REDUCE_MAX", by = "resource.label.service_name" },
    ] },
  ]

  widgets = [
    for chart in local.charts : {
      title = chart.title
      xyChart = {
        dataSets = [
          for series in [for one in chart.series : merge({ of = null, aggregation = {
            alignmentPeriod    = "60s"
            perSeriesAligner   = one.align
            crossSeriesReducer = one.reduce
            groupByFields      = [one.by]
            } }, one)] : {
            plotType = "LINE"
            timeSeriesQuery = {
              for kind, query in {
                timeSeriesFilter = { filter = series.filter, aggregation = series.aggregation }
                timeSeriesFilterRatio = {
                  numerator   = { filter = series.filter, aggregation = series.aggregation }
                  denominator = { filter = series.of, aggregation = series.aggregation }
                }
              } : kind => query if(kind == "timeSeriesFilterRatio") == (series.of != null)
            }
          }
        ]
      }
    }
  ]
}

resource "google_monitoring_dashboard" "this" {
  dashboard_json = jsonencode({
    displayName = "ContextPilot"
    mosaicLayout = {
      columns = 12
      tiles = [
        for place, widget in local.widgets : { xPos = place % 2 * 6, yPos = floor(place / 2) * 4, width = 6, height = 4, widget = widget }
      ]
    }
  })

  depends_on = [google_project_service.api]
}
