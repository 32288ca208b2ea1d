# What is there once all of it is: each waits for what makes it work.

output "webhook_url" {
  description = "Where GitHub sends pushes, and hooks of other repositories (/webhooks/git): open to anyone, for whoever signs."
  value       = one([for name, door in google_cloud_run_v2_service_iam_member.anyone : local.webhook_urls[name]])
}

output "people_urls" {
  description = "Where people look, by process. A new certificate takes up to an hour after the domain points to its address."
  value       = { for name, rule in google_compute_global_forwarding_rule.people : name => "https://${var.domains[name]}" }
  depends_on  = [google_iap_web_backend_service_iam_member.people, google_cloud_run_v2_service_iam_member.people]
}

output "people_addresses" {
  description = "The addresses that the domains must name, as A records."
  value       = { for name, address in google_compute_global_address.people : var.domains[name] => address.address }
}

output "service_urls" {
  description = "The services, by process. Who hears pushes answers Pub/Sub alone."
  value       = { for name, service in google_cloud_run_v2_service.process : name => service.uri }
  depends_on  = [google_cloud_run_v2_service_iam_member.pushes, google_pubsub_subscription.subscription]
}

output "image_folder" {
  description = "Where images are pushed to."
  value       = local.image_folder
  depends_on  = [google_artifact_registry_repository.images]
}

output "secret_versions" {
  description = "The version of each secret that services are given. It must be there before they start."
  value       = { for name, version in local.secret_versions : name => "${google_secret_manager_secret.this[name].id}/versions/${version}" }
}

output "next_command" {
  description = "What to do now: connect a repository on GitHub (docs/deploy.md)."
  value = one([
    for name, door in google_cloud_run_v2_service_iam_member.anyone : join(" ", [
      "gh api repos/OWNER/NAME/hooks -f name=web -f 'events[]=push' -f 'config[content_type]=json'",
      "-f 'config[url]=${local.webhook_urls[name]}'",
      "-f \"config[secret]=$(gcloud secrets versions access ${local.secret_versions[local.processes[name].secrets["WEBHOOK_SECRET"]]} --secret=${local.processes[name].secrets["WEBHOOK_SECRET"]} --project=${var.project_id})\"",
    ])
  ])
}
