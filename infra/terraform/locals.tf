# What the house says of itself: packages/topology says who says and hears what, each service's deployment.json what its processes need.
# Nothing below names a service or a topic.

locals {
  topology  = jsondecode(file("${path.module}/topology.json"))
  topics    = { for topic in local.topology.topics : topic.name => topic }
  speakers  = { for service in local.topology.services : service.name => service.publishesTo }
  retention = { for topic in local.topology.topics : topic.name => "${coalesce(var.retention_days, topic.retentionDays) * 86400}s" }

  source_topics      = { for name, topic in local.topics : name => topic if can(topic.deadLetterTopic) }
  dead_letter_topics = { for name, topic in local.topics : name => topic if !can(topic.deadLetterTopic) }

  services_folder = "${path.module}/../../services"

  # One identity each, by name, and one Cloud Run service, or job. A process of the door "local" is of no cloud.
  processes = { for process in local.deployments : process.name => process if process.door != "local" }
  listening = { for name, process in local.processes : name => process if process.door != "job" }

  deployments = flatten([
    for file in fileset(local.services_folder, "*/deployment.json") : [
      for name, process in jsondecode(file("${local.services_folder}/${file}")) : {
        name            = name
        service         = dirname(file)
        door            = process.door
        cpu             = process.cpu
        memory_mib      = process.memoryMiB
        concurrency     = try(process.concurrency, null)
        timeout_seconds = process.timeoutSeconds
        min_instances   = try(process.minInstances, null)
        max_instances   = try(process.maxInstances, null)
        schedule        = try(process.schedule, null)
        firestore       = process.firestore
        git             = process.git
        secrets         = process.secrets
        optional        = try(process.optionalSecrets, {})
        environment     = process.environment
        memory_volume   = try(process.memoryVolume, null)
      }
    ]
  ])

  # The process that takes a service's pushes, by the service. What a service without one hears waits for its job.
  receivers = { for name, process in local.processes : process.service => name if process.door == "events" }

  # Who takes messages.
  hearers = [for name, process in local.processes : name if contains(["events", "job"], process.door)]

  # What the token of a push is made for. Known before a service has an address.
  audiences = { for name, process in local.processes : name => "https://${name}.${var.project_id}.contextpilot" if process.door == "events" }

  # Of each process, and of the command line, which is the heartbeat: what `make push` pushes.
  image_names = setunion(keys(local.processes), ["cli"])
  images = {
    for name in local.image_names : name => (
      contains(keys(var.image_digests), name)
      ? "${local.image_folder}/${name}@${var.image_digests[name]}"
      : "${local.image_folder}/${name}:${var.image_tag}"
    )
  }
  image_folder = "${var.region}-docker.pkg.dev/${var.project_id}/contextpilot"

  labels = merge(var.labels, { application = "contextpilot", environment = var.environment })

  # Google's own identities in this project. Pub/Sub forwards dead letters and writes to BigQuery as this one.
  pubsub_agent = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}
