variable "namespace" {}
variable "environment" {}

locals {
  parts = compact([var.namespace, var.environment != "prod" ? var.environment : ""])
}

resource "random_pet" "name" {
  length    = 2
  prefix    = join("-", local.parts)
  separator = "-"
}

output "prefix" {
  value = random_pet.name.id
}
