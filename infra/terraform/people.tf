# The door for people: a load balancer whose Identity-Aware Proxy lets in whom it knows, in front of each process that has one. Without a domain
# nobody comes in: the service takes requests from load balancers alone, and there is no address.

locals {
  for_people = { for name, process in local.processes : name => process if process.door == "people" }

  # What the proxy's own tokens are made for, which the process checks.
  iap_audiences = {
    for name, backend in google_compute_backend_service.people :
    name => "/projects/${data.google_project.this.number}/global/backendServices/${backend.generated_id}"
  }

  admitted = {
    for pair in setproduct(keys(local.for_people), var.people) : join(" ", pair) => { process = pair[0], member = pair[1] }
  }
}

# By its name: the service is told what it stands behind, so it comes after.
resource "google_compute_region_network_endpoint_group" "people" {
  for_each = local.for_people

  name                  = each.key
  region                = var.region
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = each.key
  }

  depends_on = [google_project_service.api]
}

resource "google_compute_backend_service" "people" {
  for_each = local.for_people

  name                  = each.key
  protocol              = "HTTPS"
  load_balancing_scheme = "EXTERNAL_MANAGED"

  backend {
    group = google_compute_region_network_endpoint_group.people[each.key].id
  }

  iap {
    enabled = true
  }
}

resource "google_iap_web_backend_service_iam_member" "people" {
  for_each = local.admitted

  web_backend_service = google_compute_backend_service.people[each.value.process].name
  role                = "roles/iap.httpsResourceAccessor"
  member              = each.value.member
}

# The proxy calls as Google's own identity of it.
resource "google_cloud_run_v2_service_iam_member" "people" {
  for_each = local.for_people

  name     = google_cloud_run_v2_service.process[each.key].name
  location = var.region
  role     = "roles/run.invoker"
  member   = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-iap.iam.gserviceaccount.com"
}

resource "google_compute_global_address" "people" {
  for_each = var.domains

  name = each.key

  depends_on = [google_project_service.api]
}

resource "google_compute_managed_ssl_certificate" "people" {
  for_each = var.domains

  # Another domain is another certificate, which is there before the old one goes.
  name = "${each.key}-${substr(sha256(each.value), 0, 8)}"

  managed {
    domains = [each.value]
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [google_project_service.api]
}

resource "google_compute_url_map" "people" {
  for_each = var.domains

  name            = each.key
  default_service = google_compute_backend_service.people[each.key].id
}

resource "google_compute_target_https_proxy" "people" {
  for_each = var.domains

  name             = each.key
  url_map          = google_compute_url_map.people[each.key].id
  ssl_certificates = [google_compute_managed_ssl_certificate.people[each.key].id]
}

resource "google_compute_global_forwarding_rule" "people" {
  for_each = var.domains

  name                  = each.key
  target                = google_compute_target_https_proxy.people[each.key].id
  ip_address            = google_compute_global_address.people[each.key].id
  port_range            = "443"
  load_balancing_scheme = "EXTERNAL_MANAGED"
}
