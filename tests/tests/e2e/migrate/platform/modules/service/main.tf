variable "name" { type = string }
variable "prefix" { type = string }
variable "port" { type = number }
variable "replicas" {
  type    = number
  default = 1
}
variable "stores" {
  type    = set(string)
  default = []
}
variable "routes" {
  type    = map(string)
  default = {}
}
variable "tags" {
  type    = map(string)
  default = {}
}

module "store" {
  source   = "../store"
  for_each = var.stores
  name     = "${var.prefix}-${var.name}-${each.value}"
}

resource "null_resource" "task" {
  count = var.replicas
  triggers = merge(var.tags, {
    index  = count.index
    port   = var.port
    stores = join(",", [for store in module.store : store.id])
  })
}

resource "local_file" "config" {
  filename = "${path.root}/out/${var.name}.json"
  content = jsonencode({
    name   = "${var.prefix}-${var.name}"
    port   = var.port
    routes = var.routes
    stores = { for key, store in module.store : key => store.id }
    tasks  = null_resource.task[*].id
  })
  file_permission = "0600"
}

output "address" {
  value = "${var.name}.${var.prefix}:${var.port}"
}

output "stores" {
  value = [for store in module.store : store.id]
}

output "task" {
  value = null_resource.task[0]
}
