# What the house remembers. Its indexes, and what is forgotten when, stand beside the code that asks: the same files as the emulator's.

locals {
  index_files = [
    for file in setunion(
      fileset("${path.module}/../..", "packages/drivers/*/firestore.indexes.json"),
      fileset("${path.module}/../..", "services/*/firestore.indexes.json"),
    ) : jsondecode(file("${path.module}/../../${file}"))
  ]

  index_fields = {
    for field in flatten(local.index_files[*].fieldOverrides) : "${field.collectionGroup}/${field.fieldPath}" => {
      collection = field.collectionGroup
      path       = field.fieldPath
      indexes    = field.indexes
      ttl        = try(field.ttl, false)
    }
  }

  indexes = {
    for index in flatten(local.index_files[*].indexes) :
    "${index.collectionGroup}/${join(",", [for field in index.fields : field.fieldPath])}" => index
  }
}

resource "google_firestore_database" "this" {
  name                              = var.firestore_database
  location_id                       = coalesce(var.firestore_location, var.region)
  type                              = "FIRESTORE_NATIVE"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
  delete_protection_state           = var.deletion_protection ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy                   = var.deletion_protection ? "ABANDON" : "DELETE"

  depends_on = [google_project_service.api]
}

resource "google_firestore_backup_schedule" "daily" {
  database  = google_firestore_database.this.name
  retention = "${7 * 86400}s"

  daily_recurrence {}
}

resource "google_firestore_field" "this" {
  for_each = local.index_fields

  database   = google_firestore_database.this.name
  collection = each.value.collection
  field      = each.value.path

  # Without one of them the field stands in no index.
  index_config {
    dynamic "indexes" {
      for_each = each.value.indexes
      content {
        order        = try(indexes.value.order, null)
        array_config = try(indexes.value.arrayConfig, null)
        query_scope  = indexes.value.queryScope
      }
    }
  }

  dynamic "ttl_config" {
    for_each = each.value.ttl ? [true] : []
    content {}
  }
}

resource "google_firestore_index" "this" {
  for_each = local.indexes

  database    = google_firestore_database.this.name
  collection  = each.value.collectionGroup
  query_scope = each.value.queryScope

  dynamic "fields" {
    for_each = each.value.fields
    content {
      field_path   = fields.value.fieldPath
      order        = try(fields.value.order, null)
      array_config = try(fields.value.arrayConfig, null)
    }
  }
}

# IAM knows databases, not collections: whoever keeps something may read and write this database, and no other of the project.
resource "google_project_iam_member" "database_user" {
  for_each = { for name, process in local.processes : name => process if process.firestore }

  project = var.project_id
  role    = "roles/datastore.user"
  member  = google_service_account.process[each.key].member

  condition {
    title      = "the house's database"
    expression = "resource.name == \"projects/${var.project_id}/databases/${google_firestore_database.this.name}\""
  }
}
