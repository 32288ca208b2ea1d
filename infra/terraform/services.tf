# A Cloud Run service a process that listens, as its deployment.json says; jobs.tf has the others. Who may call it follows from its door: pushes from Pub/Sub, webhooks from
# anyone, people through the load balancer and its Identity-Aware Proxy (people.tf).

locals {
  ingress = {
    events   = "INGRESS_TRAFFIC_INTERNAL_ONLY"
    webhooks = "INGRESS_TRAFFIC_ALL"
    people   = "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
  }

  webhook_urls = { for name, process in local.processes : name => "${google_cloud_run_v2_service.process[name].uri}/webhooks/github" if process.door == "webhooks" }

  # What a process is told beside its own: docs/processes.md has the table. Of the same name, these win.
  told = {
    for name, process in local.processes : name => merge(
      process.environment,
      lookup(var.settings, name, {}),
      { GCP_PROJECT_ID = var.project_id, LOG_LEVEL = var.log_level },
      var.tenant_id == null ? {} : { TENANT_ID = var.tenant_id },
      process.firestore ? { FIRESTORE_DATABASE = google_firestore_database.this.name } : {},
      # Cloud Run's own IAM verifies the signature, for nobody else may call: it strips it, too.
      process.door == "events" ? {
        PUSH_AUTH_MODE        = "platform"
        PUSH_AUDIENCE         = local.audiences[name]
        PUSH_SERVICE_ACCOUNTS = google_service_account.push.email
      } : {},
      process.door == "job" ? { JOB_TIMEOUT_SECONDS = tostring(process.timeout_seconds) } : {},
      process.door == "people" ? { IAP_AUDIENCE = local.iap_audiences[name] } : {},
    )
  }
}

resource "google_cloud_run_v2_service" "process" {
  for_each = local.listening

  name                = each.key
  location            = var.region
  ingress             = local.ingress[each.value.door]
  custom_audiences    = each.value.door == "events" ? [local.audiences[each.key]] : null
  labels              = { component = each.value.service }
  deletion_protection = false # it keeps nothing: what it knows is in the database

  template {
    service_account                  = google_service_account.process[each.key].email
    execution_environment            = "EXECUTION_ENVIRONMENT_GEN2"
    max_instance_request_concurrency = each.value.concurrency
    timeout                          = "${each.value.timeout_seconds}s"
    labels                           = { component = each.value.service }

    scaling {
      min_instance_count = each.value.min_instances
      max_instance_count = each.value.max_instances
    }

    containers {
      image = local.images[each.key]

      resources {
        limits            = { cpu = tostring(each.value.cpu), memory = "${each.value.memory_mib}Mi" }
        cpu_idle          = true
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = local.told[each.key]
        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = local.given[each.key]
        content {
          name = env.key
          value_source {
            secret_key_ref {
              secret  = google_secret_manager_secret.this[env.value].secret_id
              version = local.secret_versions[env.value]
            }
          }
        }
      }

      startup_probe {
        period_seconds    = 1
        timeout_seconds   = 1
        failure_threshold = 30
        http_get { path = "/health/live" }
      }

      # Each one costs its time on the processor, also of an instance that has nothing to do.
      liveness_probe {
        period_seconds    = 30
        timeout_seconds   = 5
        failure_threshold = 3
        http_get { path = "/health/live" }
      }

      dynamic "volume_mounts" {
        for_each = each.value.memory_volume[*]
        content {
          name       = "memory"
          mount_path = volume_mounts.value.path
        }
      }
    }

    dynamic "volumes" {
      for_each = each.value.memory_volume[*]
      content {
        name = "memory"
        empty_dir {
          medium     = "MEMORY"
          size_limit = "${volumes.value.mebibytes}Mi"
        }
      }
    }
  }

  lifecycle {
    precondition {
      condition     = each.value.door == "events" || !contains(keys(local.told[each.key]), "PUSH_AUTH_MODE")
      error_message = "${each.key} is told PUSH_AUTH_MODE, and its door is not for pushes: where others may call, nobody has verified a token's signature."
    }
    precondition {
      condition     = each.value.memory_mib >= 512
      error_message = "${each.key} asks for ${each.value.memory_mib} MiB: Cloud Run's second generation gives 512 or more."
    }
    precondition {
      condition     = each.value.concurrency == 1 || each.value.cpu >= 1
      error_message = "${each.key} takes ${each.value.concurrency} requests at a time with ${each.value.cpu} CPU: below one CPU Cloud Run takes one request at a time."
    }
    precondition {
      condition     = try(each.value.memory_volume.mebibytes, 0) < each.value.memory_mib
      error_message = "${each.key}'s volume in memory is as large as its memory: nothing would be left for the process."
    }
  }

  depends_on = [
    google_project_service.api,
    google_artifact_registry_repository.images,
    google_secret_manager_secret_iam_member.reader,
    google_project_iam_member.database_user,
  ]
}

# Pub/Sub alone comes in where pushes are heard.
resource "google_cloud_run_v2_service_iam_member" "pushes" {
  for_each = { for name, process in local.processes : name => process if process.door == "events" }

  name     = google_cloud_run_v2_service.process[each.key].name
  location = var.region
  role     = "roles/run.invoker"
  member   = google_service_account.push.member
}

# GitHub cannot sign in to Google: what it signs, the process verifies. This door opens last, when whoever hears is there.
resource "google_cloud_run_v2_service_iam_member" "anyone" {
  for_each = { for name, process in local.processes : name => process if process.door == "webhooks" }

  name     = google_cloud_run_v2_service.process[each.key].name
  location = var.region
  role     = "roles/run.invoker"
  member   = "allUsers"

  depends_on = [google_pubsub_subscription.subscription]
}
