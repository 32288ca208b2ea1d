# A new project, which infra/src looks at as it was made. One run, for what another would make comes on top; switches have a file of their own.

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
