# Where the images are. What a tag once named it names for ever; deployments go by digest all the same.

resource "google_artifact_registry_repository" "images" {
  location      = var.region
  repository_id = "contextpilot"
  description   = "An image a process of ContextPilot"
  format        = "DOCKER"

  docker_config {
    immutable_tags = true
  }

  depends_on = [google_project_service.api]
}
