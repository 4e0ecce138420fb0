terraform {
  required_providers {
    fixture = { source = "example.com/test/fixture", version = "~> 1.0" }
  }
}

locals {
  count = 4 # as it turned out
}

resource "null_resource" "zone" {
  lifecycle {
    prevent_destroy = true
  }
}
