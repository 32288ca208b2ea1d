# Each variable's bad values are refused, by a message that says what to do.

mock_provider "google" {}

variables {
  project_id  = "shop-staging"
  environment = "staging"
}

run "good_values_pass" {
  command = plan
}

run "a_project_id_with_capitals" {
  command = plan
  variables {
    project_id = "Shop"
  }
  expect_failures = [var.project_id]
}
