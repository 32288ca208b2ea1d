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
