terraform {
  required_providers {
    random = { source = "hashicorp/random", version = ">= 2.0" }
    null   = { source = "hashicorp/null" }
    local  = { source = "hashicorp/local" }
    time   = { source = "hashicorp/time", version = "~> 0.14" }
  }
}

variable "names" {
  type    = list(string)
  default = ["a", "b"]
}
variable "files" {
  type    = map(object({ text = string, mode = optional(string, "0644") }))
  default = { one = { text = "1" }, two = { text = "2", mode = "0600" } }
}
variable "enabled" {
  type    = bool
  default = true
}

locals {
  env  = terraform.workspace
  size = local.env == "prod" ? 8 : 4
}

resource "random_id" "suffix" {
  byte_length = local.size
  keepers = {
    env = local.env
  }
}

resource "random_string" "pw" {
  count   = length(var.names)
  length  = 6 + count.index
  special = false
}

resource "local_file" "config" {
  for_each = var.files
  filename = "${path.module}/out/${local.env}-${each.key}.json"
  content  = jsonencode({ name = "app-${random_id.suffix.hex}", text = each.value.text, mode = each.value.mode })
}

resource "null_resource" "hook" {
  count = var.enabled ? 1 : 0
  triggers = {
    files = join(",", [for k, f in local_file.config : f.filename])
    n     = 3
  }
  lifecycle {
    create_before_destroy = true
  }
}

resource "time_static" "made" {
  triggers = { hook = null_resource.hook[0].id }
}

resource "time_offset" "later" {
  offset_days = 2
  base_rfc3339 = time_static.made.rfc3339
}

module "label" {
  for_each = toset(var.names)
  source   = "./modules/label"
  name     = each.key
  upper    = each.key == "a"
}

output "suffix" {
  value = random_id.suffix.hex
}
output "pws" {
  value = random_string.pw[*].result
}
output "labels" {
  value = { for k, m in module.label : k => m.text }
}
