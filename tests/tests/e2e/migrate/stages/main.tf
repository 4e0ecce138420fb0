# One configuration, a variable file for each stage, and a state for each that is kept elsewhere.
terraform {
  required_providers {
    local  = { source = "hashicorp/local" }
    random = { source = "hashicorp/random" }
    time   = { source = "hashicorp/time" }
  }
  backend "local" {}
}

variable "stage" {
  type = string
}
variable "domain" {
  type = string
}
variable "instances" {
  type = map(object({
    size = string
    disk = optional(number, 20)
  }))
}
variable "alerts" {
  type    = list(string)
  default = []
}
variable "database_password" {
  type      = string
  sensitive = true
}

locals {
  is_prod = var.stage == "prod"
  sizes = {
    small = 1
    large = 4
  }
  name = "${var.stage}-app"
}

resource "random_string" "database" {
  length  = local.is_prod ? 24 : 12
  special = false
}

resource "local_file" "instance" {
  for_each = var.instances

  filename = "${path.module}/out/${local.name}/${each.key}.conf"
  content  = "host = ${each.key}.${var.domain}\ncpus = ${lookup(local.sizes, each.value.size, 2)}\ndisk = ${each.value.disk}\n"
}

resource "local_file" "database" {
  filename          = "${path.module}/out/${local.name}/database.conf"
  sensitive_content = "password = ${var.database_password}-${random_string.database.result}\n"
}

resource "time_offset" "review" {
  count         = local.is_prod ? 1 : 0
  base_rfc3339  = "2030-01-01T00:00:00Z"
  offset_months = 3
}

output "alerts" {
  value = [for address in var.alerts : "mailto:${address}"]
}

output "review" {
  value = try(time_offset.review[0].rfc3339, null)
}

output "dsn" {
  value     = "app:${var.database_password}@${var.domain}"
  sensitive = true
}
