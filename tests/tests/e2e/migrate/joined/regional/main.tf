terraform {
  required_providers {
    fixture = { source = "example.com/test/fixture" }
  }
}

variable "region" {
  type = string
}

variable "names" {
  type = set(string)
}

locals {
  role = "keeper of ${var.region}"
}

provider "fixture" {
  region = var.region

  assume {
    role = local.role
  }
}

resource "fixture_other" "each" {
  for_each = var.names
  name     = "${each.key} in ${var.region}"
}

output "names" {
  value = [for one in fixture_other.each : one.name]
}
