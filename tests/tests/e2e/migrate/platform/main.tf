# Services of a platform: a module for each, which calls others.
terraform {
  required_version = ">= 1.3"
  required_providers {
    local  = { source = "hashicorp/local", version = "~> 1.4" }
    null   = { source = "hashicorp/null", version = "~> 1.0" }
    random = { source = "hashicorp/random", version = "~> 2.0" }
  }
}

module "naming" {
  source      = "./modules/naming"
  namespace   = var.namespace
  environment = var.environment
}

module "services" {
  source   = "./modules/service"
  for_each = { for name, service in var.services : name => service if service.enabled }

  name     = each.key
  prefix   = module.naming.prefix
  port     = coalesce(each.value.port, var.default_port)
  replicas = each.value.replicas
  stores   = toset(each.value.stores)
  tags     = merge(local.tags, { Service = each.key })

  depends_on = [module.naming]
}

module "gateway" {
  source = "./modules/service"
  count  = var.gateway ? 1 : 0

  name     = "gateway"
  prefix   = module.naming.prefix
  port     = 443
  replicas = length(module.services)
  routes   = { for name, service in module.services : "/${name}" => service.address }
}

locals {
  tags = {
    Namespace = var.namespace
    ManagedBy = "terraform"
  }
  all_stores = flatten([for name, service in module.services : [for store in service.stores : "${name}.${store}"]])
}
