# What stopped half-way is gone on with: here after `make tf-prepare-…`, which makes what images and services need first.

mock_provider "google" {
  mock_data "google_project" {
    defaults = {
      number = "123456789012"
    }
  }
}

variables {
  project_id  = "shop-staging"
  environment = "staging"
  image_tag   = "none"
}

run "prepared" {
  command = apply

  plan_options {
    target = [google_artifact_registry_repository.images, google_secret_manager_secret.this]
  }

  assert {
    condition     = output.image_folder == "europe-west1-docker.pkg.dev/shop-staging/contextpilot"
    error_message = "make push asks where images go."
  }
}

run "the_rest" {
  command = apply

  variables {
    image_tag = "1"
  }

  assert {
    condition     = output.secret_versions["webhook-secret"] == run.prepared.secret_versions["webhook-secret"]
    error_message = "What was there is kept."
  }

  assert {
    condition     = startswith(output.next_command, "gh api repos/") && strcontains(output.next_command, output.webhook_url)
    error_message = "At its end it says what to do next."
  }

  assert {
    condition     = length(google_cloud_run_v2_service.process) > 0
    error_message = "The rest is made."
  }
}
