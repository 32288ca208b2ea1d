# The plan of a new project, which infra/src/policy holds to the house's rules.

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
  image_tag   = "1"
}

run "a_new_project" {
  command = apply
}

run "what_only_the_deployment_knows" {
  command = plan

  variables {
    settings        = { git-agent = { GIT_URL = "https://github.com/{repository}.git", GIT_REPOSITORIES = "acme/shop" } }
    secret_versions = { git-token = "3" }
  }

  assert {
    condition     = one([for env in google_cloud_run_v2_service.process["git-agent"].template[0].containers[0].env : env.value if env.name == "GIT_REPOSITORIES"]) == "acme/shop"
    error_message = "A setting must reach its process."
  }

  assert {
    condition     = one([for env in google_cloud_run_v2_service.process["git-agent"].template[0].containers[0].env : env.value_source[0].secret_key_ref[0].version if env.name == "GIT_TOKEN"]) == "3"
    error_message = "An optional secret must be given in the version that is said."
  }
}

run "without_an_optional_secret" {
  command = plan

  assert {
    condition     = !contains([for env in google_cloud_run_v2_service.process["git-agent"].template[0].containers[0].env : env.name], "GIT_TOKEN")
    error_message = "A service does not start with a secret that has no version: an optional one must not be given before."
  }
}
