# The secrets that processes are given. Their values are never Terraform's: docs/deploy.md says how they come in.

locals {
  secrets         = toset(flatten([for process in local.processes : concat(values(process.secrets), values(process.optional))]))
  required        = toset(flatten([for process in local.processes : values(process.secrets)]))
  secret_versions = merge({ for name in local.required : name => "1" }, var.secret_versions)

  # An optional one is given where its version is said: before that it is an empty drawer.
  given = {
    for name, process in local.processes : name => merge(
      process.secrets,
      { for variable, secret in process.optional : variable => secret if contains(keys(var.secret_versions), secret) },
    )
  }

  secret_readers = merge([
    for name, secrets in local.given : {
      for secret in toset(values(secrets)) : "${name}/${secret}" => { process = name, secret = secret }
    }
  ]...)
}

resource "google_secret_manager_secret" "this" {
  for_each = local.secrets

  secret_id           = each.key
  deletion_protection = var.deletion_protection

  replication {
    auto {}
  }

  depends_on = [google_project_service.api]
}

resource "google_secret_manager_secret_iam_member" "reader" {
  for_each = local.secret_readers

  secret_id = google_secret_manager_secret.this[each.value.secret].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.process[each.value.process].member
}
