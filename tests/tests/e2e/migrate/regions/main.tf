# Several configurations of one provider, handed to modules.
terraform {
  required_providers {
    fixture = { source = "example.com/test/fixture", version = "~> 1.0" }
    null    = { source = "hashicorp/null" }
  }
}

variable "home" {
  type    = string
  default = "eu"
}

provider "fixture" {
  region = var.home
}

provider "fixture" {
  alias  = "us"
  region = "us"

  assume {
    role = "reader"
  }
}

resource "fixture_other" "home" {
  name = "home"
}

resource "fixture_other" "abroad" {
  provider = fixture.us
  name     = "abroad of ${fixture_other.home.name}"

  lifecycle {
    create_before_destroy = true
    prevent_destroy       = true
  }
}

module "replica" {
  source = "./replica"
  name   = "replica"
  ports  = [80, 443]

  providers = {
    fixture = fixture.us
  }
}

module "primary" {
  source = "./replica"
  name   = "primary"
  disks  = { data = 20, logs = 5 }
  labels = { team = { value = "web" } }
}

resource "null_resource" "told" {
  triggers = { of = module.replica.id }

  provisioner "local-exec" {
    command = "echo replica is there"
  }
}

output "ids" {
  value = [module.replica.id, module.primary.id]
}
