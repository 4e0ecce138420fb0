# What several files say of one thing, and what another project has made.
terraform {
  required_providers {
    fixture = { source = "example.com/test/fixture", version = "~> 0.9" }
    null    = { source = "hashicorp/null" }
    random  = { source = "hashicorp/random" }
  }
}

data "terraform_remote_state" "network" {
  backend = "local"
  config = {
    path = "./network/terraform.tfstate"
  }
  defaults = {
    owner = "nobody"
  }
}

locals {
  network = data.terraform_remote_state.network.outputs
  count   = 1 # of each
}

resource "null_resource" "zone" {
  for_each = local.network.zones
  triggers = {
    network = local.network.network.name
    size    = local.network.network.size + local.count
    owner   = local.network.owner
    token   = sha256(local.network.token)
  }

  lifecycle {
    create_before_destroy = true
    ignore_changes        = [triggers["other"]]
  }
}

module "south" {
  source = "./regional"
  region = "south"
  names  = ["one", "two"]
}

import {
  for_each = { one = "other-one in south", two = "other-two in south" }
  to       = module.south.fixture_other.each[each.key]
  id       = each.value
}

output "names" {
  value = module.south.names
}

output "zones" {
  value = local.network.zones
}
