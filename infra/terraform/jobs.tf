# What is run now and then, and ends: the processes of the door "job", which take what waits in their services' subscriptions, and the heartbeat.

locals {
  jobs = merge(
    {
      for name, process in local.processes : name => {
        component     = process.service
        account       = google_service_account.process[name].email
        args          = null
        cpu           = process.cpu
        memory_mib    = process.memory_mib
        timeout       = process.timeout_seconds
        schedule      = process.schedule
        told          = local.told[name]
        given         = local.given[name]
        memory_volume = process.memory_volume
      } if process.door == "job"
    },
    {
      for name in local.heartbeat : name => {
        component     = name
        account       = google_service_account.heartbeat[name].email
        args          = local.heartbeat_args
        cpu           = 1
        memory_mib    = 512
        timeout       = 240
        schedule      = var.heartbeat_schedule
        told          = {}
        given         = {}
        memory_volume = null
      }
    },
  )
}

resource "google_cloud_run_v2_job" "this" {
  for_each = local.jobs

  name                = each.key
  location            = var.region
  labels              = { component = each.value.component }
  deletion_protection = false # it keeps nothing

  template {
    labels = { component = each.value.component }

    template {
      service_account       = each.value.account
      execution_environment = "EXECUTION_ENVIRONMENT_GEN2"
      timeout               = "${each.value.timeout}s"
      max_retries           = 0 # the second would hide what the first found; the next run comes soon enough

      containers {
        image = local.images[contains(keys(local.processes), each.key) ? each.key : "cli"]
        args  = each.value.args

        resources {
          limits = { cpu = tostring(each.value.cpu), memory = "${each.value.memory_mib}Mi" }
        }

        dynamic "env" {
          for_each = each.value.told
          content {
            name  = env.key
            value = env.value
          }
        }

        dynamic "env" {
          for_each = each.value.given
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
  }

  lifecycle {
    precondition {
      condition     = each.value.cpu >= 1 && each.value.memory_mib >= 512
      error_message = "${each.key} asks for ${each.value.cpu} CPU and ${each.value.memory_mib} MiB: Cloud Run gives a job 1 and 512 MiB or more."
    }
    precondition {
      condition     = try(each.value.memory_volume.mebibytes, 0) < each.value.memory_mib
      error_message = "${each.key}'s volume in memory is as large as its memory: nothing would be left for the process."
    }
    precondition {
      condition     = length(each.key) <= 20
      error_message = "${each.key} gives its name to its scheduler's service account too, which has 30 characters: a job's has 20 at most."
    }
  }

  depends_on = [
    google_project_service.api,
    google_artifact_registry_repository.images,
    google_secret_manager_secret_iam_member.reader,
    google_project_iam_member.database_user,
  ]
}

resource "google_cloud_scheduler_job" "run" {
  for_each = local.jobs

  name        = each.key
  description = "Runs the job ${each.key}"
  region      = var.region
  schedule    = each.value.schedule
  time_zone   = "Etc/UTC"

  http_target {
    http_method = "POST"
    uri         = "https://run.googleapis.com/v2/projects/${var.project_id}/locations/${var.region}/jobs/${google_cloud_run_v2_job.this[each.key].name}:run"

    oauth_token {
      service_account_email = google_service_account.scheduler[each.key].email
    }
  }

  # The next one comes soon enough.
  retry_config {
    retry_count = 0
  }

  # Whatever a job may do, before it is run.
  depends_on = [
    google_cloud_run_v2_job_iam_member.scheduler,
    google_pubsub_subscription_iam_member.puller,
    google_pubsub_subscription_iam_member.puller_reads_settings,
    google_pubsub_topic_iam_member.publisher,
    google_pubsub_topic_iam_member.heartbeat,
    google_project_iam_member.heartbeat_reads_settings,
    google_project_iam_member.heartbeat_reads_database,
    google_pubsub_subscription.subscription,
    google_cloud_run_v2_service_iam_member.anyone,
  ]
}

# The scheduler signs in as this one, which may run this job and nothing else.
resource "google_service_account" "scheduler" {
  for_each = local.jobs

  account_id   = "${each.key}-scheduler"
  display_name = "Runs ContextPilot's ${each.key}"
}

resource "google_cloud_run_v2_job_iam_member" "scheduler" {
  for_each = local.jobs

  name     = google_cloud_run_v2_job.this[each.key].name
  location = var.region
  role     = "roles/run.invoker"
  member   = google_service_account.scheduler[each.key].member
}
