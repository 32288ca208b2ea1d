# Where Terraform remembers what it made: a bucket that each environment names (environments/*.gcs.tfbackend).

terraform {
  backend "gcs" {}
}
